using System.Buffers.Binary;
using System.Text;

namespace ProductAspire.Local.Dashboard.Otlp;

/// <summary>Reads the wire format of Protocol Buffers, field by field. Whatever is malformed is an <see cref="InvalidDataException"/>.</summary>
internal ref struct WireReader(ReadOnlySpan<byte> message)
{
    private const int Varint = 0;
    private const int Fixed64 = 1;
    private const int Bytes = 2;
    private const int Fixed32 = 5;

    private ReadOnlySpan<byte> rest = message;
    private int wireType;

    /// <summary>Goes to the next field and tells its number; 0 at the end of the message. The field is then read, or skipped.</summary>
    public int NextField()
    {
        if (rest.IsEmpty)
        {
            return 0;
        }

        var tag = TakeVarint();
        wireType = (int)(tag & 7);
        var field = tag >> 3;
        return field is > 0 and <= int.MaxValue ? (int)field : throw Malformed();
    }

    public ulong ReadVarint()
    {
        Expect(Varint);
        return TakeVarint();
    }

    public ulong ReadFixed64()
    {
        Expect(Fixed64);
        return BinaryPrimitives.ReadUInt64LittleEndian(Take(sizeof(ulong)));
    }

    public ReadOnlySpan<byte> ReadBytes()
    {
        Expect(Bytes);
        return TakeBytes();
    }

    public WireReader ReadMessage() => new(ReadBytes());

    public string ReadText() => Encoding.UTF8.GetString(ReadBytes());

    public void Skip()
    {
        switch (wireType)
        {
            case Varint:
                TakeVarint();
                break;
            case Fixed64:
                Take(sizeof(ulong));
                break;
            case Bytes:
                TakeBytes();
                break;
            case Fixed32:
                Take(sizeof(uint));
                break;
            default:
                throw Malformed();
        }
    }

    private ReadOnlySpan<byte> TakeBytes()
    {
        var length = TakeVarint();
        return length <= (ulong)rest.Length ? Take((int)length) : throw Malformed();
    }

    private ulong TakeVarint()
    {
        ulong value = 0;
        for (var shift = 0; shift < 64; shift += 7)
        {
            var next = Take(1)[0];
            value |= (ulong)(next & 0x7f) << shift;
            if (next < 0x80)
            {
                return value;
            }
        }

        throw Malformed();
    }

    private ReadOnlySpan<byte> Take(int count)
    {
        if (count > rest.Length)
        {
            throw Malformed();
        }

        var taken = rest[..count];
        rest = rest[count..];
        return taken;
    }

    private readonly void Expect(int type)
    {
        if (wireType != type)
        {
            throw Malformed();
        }
    }

    private static InvalidDataException Malformed() => new("This is not a message of Protocol Buffers.");
}

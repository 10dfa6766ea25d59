using System.Buffers;
using System.IO.Pipelines;

namespace Cqrs.AspNetCore.Files;

/// <summary>
/// A request body as a stream. A read of the server's own stream that is cancelled by a token stays open, and the server fails when it reads the rest of
/// the body at the end of the request. This one ends its reads: it is stopped by <see cref="Stop"/>, and a client that leaves ends them by itself.
/// </summary>
internal sealed class BodyStream(PipeReader body) : Stream
{
    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <summary>Ends the read that is under way, or the next one, with an <see cref="OperationCanceledException"/>.</summary>
    public void Stop() => body.CancelPendingRead();

    /// <summary>Returns the first bytes, which stay to be read; fewer if the body is shorter.</summary>
    public async ValueTask<byte[]> PeekAsync(int count)
    {
        while (true)
        {
            var read = await ReadAsync();
            if (read.Buffer.Length >= count || read.IsCompleted)
            {
                var start = read.Buffer.Slice(0, Math.Min(count, read.Buffer.Length)).ToArray();
                body.AdvanceTo(read.Buffer.Start);
                return start;
            }

            body.AdvanceTo(read.Buffer.Start, read.Buffer.End);
        }
    }

    /// <remarks>The token is not looked at; see the class.</remarks>
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var read = await ReadAsync();
        var part = read.Buffer.Slice(0, Math.Min(buffer.Length, read.Buffer.Length));
        part.CopyTo(buffer.Span);
        var length = (int)part.Length;
        body.AdvanceTo(part.End);
        return length;
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Flush() => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    private async ValueTask<ReadResult> ReadAsync()
    {
        var read = await body.ReadAsync(CancellationToken.None);
        if (read.IsCanceled)
        {
            body.AdvanceTo(read.Buffer.Start);
            throw new OperationCanceledException("The read was stopped.");
        }

        return read;
    }
}

namespace Cqrs.Items;

/// <summary>How deep values may be nested. The limit of a command's attributes is here alone: every reader takes its own from it.</summary>
public static class Nesting
{
    /// <summary>How many levels DynamoDB lets an item have: maps and lists inside each other, below the item itself.</summary>
    public const int MaxItemLevels = 32;

    /// <summary>How many levels the attributes of a command may have, themselves and an innermost value included. A parked command lies one level down in its item.</summary>
    public const int MaxAttributeLevels = MaxItemLevels - 1;

    /// <summary>
    /// How deep the JSON may be that carries attributes: an item in an array in an object, as in lists and answers to bulk requests. A reader
    /// whose limit is lower cannot read what was accepted.
    /// </summary>
    public const int MaxJsonDepth = MaxAttributeLevels + 3;
}

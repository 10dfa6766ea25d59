namespace SampleData;

/// <summary>The assortment of the sample shop.</summary>
/// <param name="Category">The category.</param>
/// <param name="Short">Stands for it in codes.</param>
/// <param name="Things">The kinds of things, with the lowest and highest price in whole units and the range of its weight in grams.</param>
/// <param name="Materials">The materials.</param>
/// <param name="Uses">The uses, each ending a sentence that begins with its name.</param>
internal sealed record Assortment(string Category, string Short, Thing[] Things, string[] Materials, string[] Uses)
{
    public static readonly Assortment[] All =
    [
        new(
            "Furniture",
            "FUR",
            [
                new("Dining Chair", 45, 320, 3500, 9000), new("Armchair", 180, 1400, 12000, 32000), new("Coffee Table", 70, 650, 8000, 28000),
                new("Bookcase", 90, 900, 18000, 60000), new("Bar Stool", 40, 260, 3000, 8000), new("Bedside Table", 50, 340, 5000, 14000),
            ],
            ["Oak", "Walnut", "Beech", "Ash", "Steel and Oak", "Bamboo"],
            ["for rooms where every hand's breadth counts", "built to be handed down", "that is put together without a tool"]),
        new(
            "Kitchen",
            "KIT",
            [
                new("Saucepan", 18, 140, 700, 2400), new("Chef's Knife", 15, 260, 120, 320), new("Espresso Maker", 22, 180, 500, 1500),
                new("Cutting Board", 12, 95, 600, 3000), new("Mixing Bowl", 8, 60, 300, 1200), new("Kettle", 19, 150, 700, 1600),
            ],
            ["Stainless Steel", "Cast Iron", "Enamel", "Copper", "Olive Wood", "Stoneware"],
            ["for every hob, induction included", "that goes into the dishwasher", "for two to four people"]),
        new(
            "Garden",
            "GAR",
            [
                new("Watering Can", 9, 70, 400, 1800), new("Pruning Shears", 11, 85, 180, 420), new("Planter", 7, 240, 500, 15000),
                new("Garden Bench", 95, 780, 14000, 45000), new("Hose Reel", 29, 190, 2500, 9000), new("Bird Feeder", 12, 65, 300, 1600),
            ],
            ["Galvanized Steel", "Terracotta", "Teak", "Recycled Plastic", "Zinc", "Fiber Clay"],
            ["that can stay outside all winter", "for balconies and small gardens", "with a guarantee of ten years"]),
        new(
            "Lighting",
            "LIG",
            [
                new("Desk Lamp", 24, 280, 900, 3200), new("Pendant Light", 35, 620, 1100, 5200), new("Floor Lamp", 60, 740, 3800, 12000),
                new("Wall Light", 22, 310, 500, 2600), new("Table Lamp", 28, 420, 1000, 4800),
            ],
            ["Brass", "Opal Glass", "Linen", "Rice Paper", "Black Steel", "Ceramic"],
            ["with a warm light that can be dimmed", "for reading late", "with a cord of 2 m and a switch on it"]),
        new(
            "Office",
            "OFF",
            [
                new("Notebook A5", 4, 32, 180, 420), new("Fountain Pen", 15, 480, 18, 48), new("Letter Tray", 9, 65, 300, 1400),
                new("Desk Organizer", 12, 90, 350, 1900), new("Paper Knife", 8, 75, 60, 190),
            ],
            ["Leather", "Recycled Paper", "Anodized Aluminium", "Cherry Wood", "Felt"],
            ["for a desk that stays tidy", "that lies flat when open", "refilled in a moment"]),
        new(
            "Sports",
            "SPO",
            [
                new("Yoga Mat", 16, 120, 900, 2600), new("Water Bottle", 9, 48, 150, 520), new("Skipping Rope", 6, 39, 120, 480),
                new("Backpack 24 l", 39, 220, 600, 1500), new("Resistance Band", 5, 34, 60, 340),
            ],
            ["Natural Rubber", "Cork", "Ripstop Nylon", "Recycled Polyester", "Titanium"],
            ["that dries overnight", "for the way to work and for the weekend", "tested on long days outside"]),
        new(
            "Toys",
            "TOY",
            [
                new("Building Blocks", 14, 110, 800, 4200), new("Marble Run", 25, 160, 1500, 6000), new("Puppet", 12, 65, 110, 450),
                new("Jigsaw 1000", 11, 45, 600, 1100), new("Spinning Top", 5, 28, 30, 160),
            ],
            ["Maple", "Lime Wood", "Organic Cotton", "Cardboard", "Beech"],
            ["from three years on", "coloured with water-based paints", "that keeps grown-ups busy as well"]),
    ];

    public static readonly string[] Lines =
    [
        "Alder", "Borg", "Calla", "Dune", "Ester", "Fjord", "Grove", "Haven", "Iris", "Juniper", "Kaya", "Linden", "Møn", "Nord", "Opal", "Pärla",
        "Quill", "Rhea", "Søl", "Tarn", "Umbra", "Vela", "Wren", "Yara", "Zephyr",
    ];

    public static readonly string[] Colours = ["White", "Black", "Sage", "Sand", "Rust", "Slate", "Ochre", "Natural"];
}

internal sealed record Thing(string Name, int MinPrice, int MaxPrice, int MinGrams, int MaxGrams);

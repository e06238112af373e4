/// The words that two people read aloud, and the hashes that lead to them.
///
/// Four words of 256 are 32 bits. The list is ours: common nouns of four to seven letters that nobody need spell, each known by its first
/// four letters, and no two of them close enough in sound or spelling to be taken for each other.
public enum VerificationWords {
    public static let count = 4
    public static let list: [String] = text.split(whereSeparator: { $0 == " " || $0 == "\n" }).map(String.init)

    private static let text = """
        acorn airport album alpine amber anchor animal apple arctic artist atlas autumn award bakery ballet bamboo barrel basket
        battery bedroom bicycle biscuit blanket blossom bottle branch brick bridge bronze bubble bucket burger button cabin cactus
        camera candle canvas captain carpet castle ceiling cherry chicken chimney cinema circle citrus clock clover coffee comet
        compass copper cowboy crayon crystal cushion dancer denim diamond doctor dolphin dragon drawer eagle earth eclipse editor
        elbow emerald engine falcon farmer feather finger flute forest fossil frozen galaxy garden garlic giant giraffe glacier glove
        grape guitar gymnast hammer harbor harvest hazel helmet honey hotel hunter husky iceberg igloo insect island ivory jacket
        jaguar jelly jewel jigsaw juice jungle kayak kitchen kiwi koala ladder lagoon lantern laptop lawyer lemon leopard library
        lizard lobster lunch magnet mango maple market meadow mirror mitten morning mosaic muffin museum mustard napkin nature needle
        nephew nickel noodle nurse nutmeg oasis ocean octopus office olive onion opera orange orchid ostrich otter oxygen palace panda
        paper parade parrot pastry peanut pelican pencil pepper piano picnic pigeon pillow pilot pirate planet potato prince pumpkin
        puzzle pyramid python queen quilt rabbit radio ribbon river robot rocket rooster saddle salad salmon sandal school scooter
        shadow silver slipper snail soccer sofa soldier spider spinach sponge stadium statue storm street student sugar summer sushi
        sweater switch syrup table teacher temple tennis thunder tiger toast torch tourist trumpet tulip tunnel turkey turtle uncle
        uniform vacuum valley vanilla velvet victory village vinegar violin volcano voyage waffle wagon walnut walrus window winter
        wolf wombat yacht yellow yogurt zebra zigzag
        """

    /// One word for each of the first four bytes; fewer when there are fewer.
    public static func words(of digest: [UInt8]) -> [String] { digest.prefix(count).map { list[Int($0)] } }
}

extension VerificationWords {
    // Every field behind a label has a length of its own, so nothing can be read in two ways.
    private static let commitmentLabel = Array("tchat-control-1 commitment\n".utf8)
    private static let wordsLabel = Array("tchat-control-1 words\n".utf8)

    /// SHA-256 of the label, a byte for who commits (1 the DTLS client, 0 the server), the client's and the server's fingerprint (32 bytes
    /// each) and the nonce (32 bytes).
    public static func commitment(
        nonce: [UInt8], byDTLSClient: Bool, clientFingerprint: [UInt8], serverFingerprint: [UInt8], sha256: SHA256
    ) -> [UInt8] {
        sha256(commitmentLabel + [byDTLSClient ? 1 : 0] + clientFingerprint + serverFingerprint + nonce)
    }

    /// From SHA-256 of the label, the client's and the server's fingerprint and the client's and the server's nonce, 32 bytes each.
    public static func words(
        clientNonce: [UInt8], serverNonce: [UInt8], clientFingerprint: [UInt8], serverFingerprint: [UInt8], sha256: SHA256
    ) -> [String] {
        words(of: sha256(wordsLabel + clientFingerprint + serverFingerprint + clientNonce + serverNonce))
    }
}

import KeelTestSupport

/// What can be wrong with a file: its other mistakes, or those behind the place, show when it is mended.
enum FileMistake: CaseIterable {
    /// The last document is no YAML.
    case syntax
    /// Something in the file keeps it from being read at all.
    case bytes
    /// One document is another tool's.
    case foreign
    /// The last document names an anchor that is not there.
    case alias

    /// Whether nothing else of the file is looked at.
    var closesFile: Bool { self == .bytes }

    /// The document to add, with a mark at the place of the diagnostic, and its code.
    func document(_ random: inout SeededGenerator) -> (marked: String, code: String) {
        switch self {
        case .syntax: (Self.head + Layout.pick(Self.syntaxErrors, &random), "yaml.syntax")
        case .bytes: (Self.head + Layout.pick(Self.characters, &random), "yaml.character")
        case .foreign: (Layout.pick(Self.foreigners, &random), "manifest.mixed-file")
        case .alias: (Self.head + Layout.pick(Self.aliases, &random), "yaml.alias")
        }
    }

    private static let head = """
        apiVersion: mailkeel/v1
        kind: EmailAccount
        metadata: { name: scarred }
        spec:

        """

    private static let syntaxErrors = [
        "  type: imap\u{2316}: smtp", "  é日本: ü\u{2316}: c", "  type: imap\n    port\u{2316}: 993",
        "  tls:\n      pin: x\n   \u{2316}caFile: y", "  type: imap\n  \u{2316}server\n  port: 993",
        "  scopes: [a, b\n  type\u{2316}: imap", "  from: \u{2316}\"never closed", "  from: \u{2316}'never closed",
        "  server: \"C:\u{2316}\\dir\"", "  type: imap\n\u{2316}\tport: 993", "  from: \u{2316}@example.com",
        "  server: *\u{2316}.example.com", "  from: \u{2316}- b", "  from: 'x' \u{2316}y", "  from: | \u{2316}text",
        "  tls: { caFile: $\u{2316}{var.x} }", "  from: \u{2316}`x`", "  from: \u{2316}%x", "  scopes: [a]\u{2316}b",
    ]

    private static let characters = [
        "  type: imap\u{2316}\u{7}", "  from: \"\u{2316}\u{1B}[31m\"", "  # a comment \u{2316}\u{202E}that turns",
        "  from: x\u{2316}\u{2028}y", "  é: x\n\u{2316}\u{FEFF}  type: imap", "  from: \u{2316}\u{0}",
    ]

    private static let foreigners = [
        "\u{2316}services:\n  web: {}", "\u{2316}- a\n- b", "\u{2316}just text", "\u{2316}apiVersion: v1\nkind: Secret",
        "\u{2316}kind: EmailAccount\nmetadata: { name: x }", "\u{2316}[a, b]",
    ]

    private static let aliases = [
        "  type: \u{2316}*imap", "  tls: { caFile: \u{2316}*x }", "  labels: &a [\u{2316}*a]",
    ]
}

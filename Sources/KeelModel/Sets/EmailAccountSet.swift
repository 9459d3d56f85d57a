import KeelBase

/// The kind `EmailAccountSet`: accounts made from a template, one or more for each item of a list or row of a table.
package enum EmailAccountSet {
    /// What may stand under its `spec`.
    package static let members = [
        MemberDefinition(
            "key", .value(.text),
            "The column that names each item: its accounts are EmailAccount/SET.KEY. Order of items has no meaning.",
            required: true, example: "site"),
        MemberDefinition(
            "items", .list(.map(.cell)),
            "The items, each a mapping of columns to values; an empty or absent one omits the fields that name it.",
            example: [.object([.init("site", "berlin"), .init("mailbox", "berlin@contoso.com")])]),
        MemberDefinition(
            "csv", .value(.path),
            "In place of items: a CSV file with a header (RFC 4180, UTF-8); the path starts at the manifest's directory.",
            example: "branches.csv"),
        MemberDefinition(
            "delimiter", .value(.choice(delimiters.map(\.word))), "What separates the columns of the CSV file.",
            default: ",", example: ";"),
        MemberDefinition(
            "account", .accountSpec, "The template, when each item has one account: EmailAccount/SET.KEY."),
        MemberDefinition(
            "accounts", .map(.accountSpec),
            "The templates by name, when each item has several accounts: EmailAccount/SET.KEY.NAME."),
    ]

    /// Members of which exactly one is given.
    static let choices = [["items", "csv"], ["account", "accounts"]]

    /// Members that have a meaning only beside another one.
    static let companions = [(member: "delimiter", of: "csv")]

    /// How a delimiter is written in a manifest, and its byte.
    static let delimiters: [(word: String, byte: UInt8)] = [
        (",", UInt8(ascii: ",")), (";", UInt8(ascii: ";")), ("tab", UInt8(ascii: "\t")),
    ]
}

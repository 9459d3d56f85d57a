import KeelBase

/// The reference of all kinds and fields in Markdown, made from the tables.
package enum ReferencePage {
    package static var text: String {
        let kinds = DocumentKind.allCases.map(section)
        return ([introduction, values] + kinds).joined(separator: "\n")
    }

    private static let introduction = """
        # Reference of manifests

        Made from the field tables by `mailkeel schema --markdown`: do not edit. [Writing manifests](../manifests.md) shows how
        things are done; here is what each field means.

        Every document has `apiVersion: mailkeel/v1`, a `kind`, and a `spec`. What declares something has `metadata` with a `name`
        (at most 63 letters, digits, `-`, `_` and `.`), and may have `labels` and `annotations`, names and texts of your own.

        | Kind | What it is |
        | --- | --- |
        \(DocumentKind.allCases.map { "| [`\($0.rawValue)`](#\($0.rawValue.lowercased())) | \($0.documentation) |" }
            .joined(separator: "\n"))

        """

    private static let values = """
        ## Values

        Any value but those of the kind `Project` may hold `${var.NAME}`, and in a set's template `${item.COLUMN}`; what comes of
        it must be a value as the field wants it. `$${` stands for `${`.

        | Type | What is written |
        | --- | --- |
        | text | anything but nothing, without line breaks and control characters |
        | host | a host name or an address, without scheme and port |
        | date | `2027-03-01` |
        | time | a number of days, hours or minutes: `90d`, `12h`, `30m` |
        | URL | `https`; `http` to a literal loopback address only |
        | path | a file; a relative path starts at the manifest's directory |
        | list of texts | a set: order is no difference, and nothing stands in it twice |
        | secret source | `{ fromEnv: NAME }`, `{ fromFile: PATH }`, `{ fromCommand: [PROGRAM, ARGUMENT] }` or `{ fromVault: NAME }`, each with a `version` if you like; or `${var.NAME}` of a sensitive variable. Never the secret itself |

        A **change** of a field means one of these to a plan:

        | Change | What the plan does |
        | --- | --- |
        \(Effect.allCases.map { "| \($0.rawValue) | \($0.documentation) |" }.joined(separator: "\n"))

        """

    private static func section(_ kind: DocumentKind) -> String {
        let body =
            switch kind {
            case .emailAccount: fields(.emailAccount)
            case .oauthProfile: fields(.oauthProfile)
            case .emailAccountSet: MemberReference.text(EmailAccountSet.members, under: "spec")
            case .project: MemberReference.text(ProjectFile.members, under: "spec")
            case .moved, .removed: addresses(kind.addressFields)
            }
        return """
            ## \(kind.rawValue)

            \(kind.documentation)

            ```yaml
            \(kind.overview)
            ```

            \(body)
            """
    }

    private static func fields(_ table: FieldTable) -> String {
        let overview = table.definitions.map { definition in
            let use = definition.isRequired ? "required" : definition.defaultValue.map { code($0.json) } ?? ""
            return
                "| [`\(definition.name)`](#\(FieldReference.anchor(definition, table))) | \(words(definition.type)) | \(use) |"
        }
        let details = table.definitions.map { FieldReference.text($0, table) }
        return """
            | Field | Type | Without it |
            | --- | --- | --- |
            \(overview.joined(separator: "\n"))

            \(details.joined(separator: "\n"))
            """
    }

    private static func addresses(_ fields: [AddressField]) -> String {
        """
        | Field | Type | What it means |
        | --- | --- | --- |
        \(fields.map { "| `\($0.rawValue)` | address, required | \($0.documentation) |" }.joined(separator: "\n"))

        """
    }

    // MARK: Words

    /// A type in words, for a cell of a table.
    static func words(_ type: FieldType) -> String {
        switch type {
        case .text: "text"
        case .host: "host"
        case .port: "1 to 65535"
        case .count(let range): "\(range.lowerBound) to \(range.upperBound)"
        case .boolean: "`true` or `false`"
        case .choice(let words): words.map { "`\($0)`" }.joined(separator: ", ")
        case .date: "date"
        case .duration: "time"
        case .url: "URL"
        case .path: "path"
        case .keyHash: "SHA-256 in base 64"
        case .textSet: "list of texts"
        case .textMap: "mapping of names to texts"
        case .secret: "secret source"
        }
    }

    /// A value as it is written in a manifest.
    static func code(_ value: JSON) -> String { "`\(FlowText.of(value))`" }
}

import KeelBase
import KeelDiagnostics
import KeelYAML

/// What stands around the spec of a document: its version, kind and metadata.
struct Envelope {
    enum Field: String, CaseIterable {
        case apiVersion, kind, metadata, spec
    }

    private static let names = NameTable(of: Field.self)
    private static let kinds = NameTable(of: DocumentKind.self)

    private(set) var isKnownVersion = true
    private(set) var kind: DocumentKind?
    private(set) var metadata: YAMLNode?
    private(set) var spec: YAMLNode?
    /// Whether a field stands twice, which was reported: then nobody knows which one was meant.
    private(set) var isAmbiguous = false
    /// Whether there is a kind, and be it an unknown one.
    private var hasKind = false
    /// Fields that are there under a mistyped name.
    private var mistyped: [Field] = []
    /// Whether a merge key was refused: then nobody knows what is missing.
    private var hasMerge = false

    /// Adds what is wrong to `diagnostics`. What is missing is left to whoever needs it.
    init(_ mapping: YAMLMapping, _ diagnostics: inout [Diagnostic]) {
        for (key, value) in mapping {
            guard case .scalar(let name) = key.content else { continue }
            switch Self.names[name.bytes] {
            case .apiVersion?: isKnownVersion = Self.checkVersion(value, &diagnostics)
            case .kind?:
                if hasKind { isAmbiguous = true }
                kind = Self.decodeKind(value, &diagnostics)
                hasKind = true
            case .metadata?:
                if metadata != nil { isAmbiguous = true }
                metadata = value
            case .spec?:
                if spec != nil { isAmbiguous = true }
                spec = value
            case nil where name.isRefusedAsKey: hasMerge = true
            case nil:
                let known = Field.allCases.map(\.rawValue)
                diagnostics.append(.unknownField(name.text, key.range, in: "a manifest", known: known))
                let meant = Suggestion.nearest(to: name.text, among: known).flatMap(Field.init)
                if let meant { mistyped.append(meant) }
            }
        }
    }

    /// Whether the field is there, if only under a mistyped name.
    func isWritten(_ field: Field) -> Bool {
        if hasMerge { return true }
        switch field {
        case .apiVersion: return true
        case .kind: return hasKind || mistyped.contains(.kind)
        case .metadata: return metadata != nil || mistyped.contains(.metadata)
        case .spec: return spec != nil || mistyped.contains(.spec)
        }
    }

    /// The name as it was written, however wrong the rest is; nil if nobody could have referred to it.
    var writtenName: String? {
        guard case .mapping(let mapping)? = metadata?.content, !isAmbiguous else { return nil }
        let names = mapping.filter { $0.key.isScalar("name") }
        guard names.count == 1, let scalar = names[0].value.scalar, ValueDecoder.isName(scalar.text) else {
            return nil
        }
        switch scalar.plainMeaning {
        case .null, .boolean: return nil
        case .integer, .float, .timestamp, .string: return scalar.text
        }
    }

    private static func checkVersion(_ node: YAMLNode, _ diagnostics: inout [Diagnostic]) -> Bool {
        let wanted = ManifestDecoder.apiVersion
        guard case .scalar(let version) = node.content, !version.bytes.elementsEqual(wanted.utf8) else { return true }
        diagnostics.append(
            Diagnostic(
                .error, "manifest.unknown-version",
                "this version of Mailkeel does not know apiVersion \(quoted(version.text))", at: node.range,
                help: "write apiVersion: \(wanted), or use a newer Mailkeel"))
        return false
    }

    private static func decodeKind(_ node: YAMLNode, _ diagnostics: inout [Diagnostic]) -> DocumentKind? {
        guard case .scalar(let scalar) = node.content else {
            diagnostics.append(.wrongType("kind", wanted: "a word", node))
            return nil
        }
        if let kind = kinds[scalar.bytes] { return kind }
        let derived = scalar.text == ResourceKind.authorization.rawValue
        diagnostics.append(
            Diagnostic(
                .error, "manifest.unknown-kind", "unknown kind \(quoted(scalar.text))",
                at: node.range,
                help: derived
                    ? "authorizations follow from the accounts that need them and are never written"
                    : Suggestion.nearest(to: scalar.text, among: DocumentKind.allCases.map(\.rawValue))
                        .map { "did you mean \"\($0)\"?" } ?? "the kinds are \(DocumentKind.names)"))
        return nil
    }
}

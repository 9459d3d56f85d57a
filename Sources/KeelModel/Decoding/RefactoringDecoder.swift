import KeelBase
import KeelDiagnostics
import KeelYAML

/// Decodes a document that declares no resource but speaks of addresses: `Moved`, `Removed`.
struct RefactoringDecoder {
    private let kind: DocumentKind
    private let scope: ReferenceScope
    private(set) var diagnostics: [Diagnostic] = []

    init(_ kind: DocumentKind, _ scope: ReferenceScope) {
        self.kind = kind
        self.scope = scope
    }

    /// Checks the metadata. They are for the reader, so nothing is kept of them.
    mutating func decodeMetadata(_ node: YAMLNode) {
        guard case .mapping(let mapping) = node.content else {
            diagnostics.append(.wrongType("metadata", wanted: "a mapping", node))
            return
        }
        var decoder = ValueDecoder(scope)
        for (key, value) in mapping {
            guard case .scalar(let field) = key.content, !field.isRefusedAsKey else { continue }
            switch field.text {
            case "name": _ = decoder.name(value, field: .metadata("name"))
            case "annotations": _ = decoder.map(value, field: .metadata("annotations"))
            default:
                diagnostics.append(
                    .unknownField(
                        field.text, key.range, in: "the metadata of \(kind.rawValue)", known: ["name", "annotations"]))
            }
        }
        diagnostics += decoder.diagnostics
    }

    /// The addresses that could be read; what is absent was reported.
    mutating func decodeSpec(_ node: YAMLNode) -> [AddressField: Located<ResourceAddress>] {
        guard case .mapping(let mapping) = node.content else {
            diagnostics.append(.wrongType("spec", wanted: "a mapping", node))
            return [:]
        }
        let known = kind.addressFields.map(\.rawValue)
        var addresses: [AddressField: Located<ResourceAddress>] = [:]
        var written: Set<String> = []
        var decoder = ValueDecoder(scope)
        for (key, value) in mapping {
            guard case .scalar(let name) = key.content, !name.isRefusedAsKey else {
                written.formUnion(known)
                continue
            }
            written.insert(name.text)
            if let field = AddressField(rawValue: name.text), kind.addressFields.contains(field) {
                addresses[field] = decoder.address(value, field: .spec(name.text)).map { Located($0, value.range) }
            } else {
                diagnostics.append(.unknownField(name.text, key.range, in: "\(kind.rawValue) spec", known: known))
                if let meant = Suggestion.nearest(to: name.text, among: known) { written.insert(meant) }
            }
        }
        diagnostics += decoder.diagnostics
        for field in kind.addressFields where !written.contains(field.rawValue) {
            diagnostics.append(
                Diagnostic(
                    .error, "manifest.missing-field", "spec.\(field.rawValue) is missing in this \(kind.rawValue)",
                    at: node.range.firstLine, help: "write \(field.rawValue): \(field.example)"))
        }
        return addresses
    }
}

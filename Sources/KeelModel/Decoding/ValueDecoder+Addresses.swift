import KeelBase
import KeelDiagnostics
import KeelYAML

extension ValueDecoder {
    /// The name of a resource.
    mutating func name(_ node: YAMLNode, field: ValueName) -> String? {
        guard let text = text(node, field: field) else { return nil }
        guard Self.isName(text) else {
            badValue(
                node, "\(quoted(text)) is no name",
                help: "use at most 63 letters, digits, \"-\", \"_\" and \".\"")
            return nil
        }
        return text
    }

    /// The address of a resource that manifests can declare.
    mutating func address(_ node: YAMLNode, field: ValueName) -> ResourceAddress? {
        guard let text = text(node, field: field) else { return nil }
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        let kind = ResourceKind(rawValue: parts[0])
        if kind == .authorization {
            badValue(
                node, "\(field) names an authorization: \(quoted(text))",
                help: "authorizations follow from the accounts that need them; name the account or its profile")
            return nil
        }
        guard let kind, parts.count == 2, Self.isComposedName(parts[1]) else {
            badValue(node, "\(field) is no address: \(quoted(text))", help: Self.addressHelp(parts))
            return nil
        }
        return ResourceAddress(kind, parts[1])
    }

    private static func addressHelp(_ parts: [String]) -> String {
        let kinds = ResourceKind.declared.map(\.rawValue)
        if parts.count == 2, isComposedName(parts[1]), let kind = Suggestion.nearest(to: parts[0], among: kinds) {
            return "did you mean \"\(kind)/\(parts[1])\"?"
        }
        return "write the kind, a slash and the name: \(kinds.map { "\($0)/NAME" }.joined(separator: " or "))"
    }

    /// A name stands in addresses, files and URLs: letters, digits, `-`, `_` and `.`, at most 63.
    static func isName(_ text: String) -> Bool { isComposedName(text) && text.utf8.count <= 63 }

    /// The name of an account of a set is made of three names at most: of the set, the item and the template.
    fileprivate static func isComposedName(_ text: String) -> Bool {
        let allowed = text.utf8.allSatisfy { byte in
            (byte >= 0x30 && byte <= 0x39) || (byte >= 0x41 && byte <= 0x5A) || (byte >= 0x61 && byte <= 0x7A)
                || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "_") || byte == UInt8(ascii: ".")
        }
        return allowed && !text.isEmpty && text.utf8.count <= 3 * 63 + 2
    }
}

extension ResourceAddress {
    /// Whether a manifest could declare it.
    package var isDeclarable: Bool { ResourceKind.declared.contains(kind) && ValueDecoder.isComposedName(name) }
}

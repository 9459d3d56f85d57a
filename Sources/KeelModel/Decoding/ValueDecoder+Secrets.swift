import KeelBase
import KeelDiagnostics
import KeelYAML

extension ValueDecoder {
    /// Where a secret comes from.
    mutating func secret(_ node: YAMLNode, _ field: ValueName) -> FieldValue? {
        let mapping: YAMLMapping
        switch node.content {
        case .mapping(let members): mapping = members
        case .scalar(let scalar) where ReferenceText.mayRefer(scalar.bytes):
            return sensitiveSource(scalar, node, field).map(FieldValue.secret)
        case .scalar, .sequence: return plainSecret(node, field).map(FieldValue.secret)
        }
        var locations: [SecretSource.Location] = []
        var version: String?
        var refused = false
        for (key, value) in mapping {
            guard case .scalar(let name) = key.content, !name.isRefusedAsKey else {
                refused = true
                continue
            }
            let path = field.entry(name)
            let location: SecretSource.Location?
            switch name.text {
            case "fromEnv": location = text(value, field: path).map { .environment($0) }
            case "fromFile": location = text(value, field: path).map { .file($0) }
            case "fromVault": location = text(value, field: path).map { .vault($0) }
            case "fromCommand": location = words(value, path).map { .command($0) }
            case "version":
                version = text(value, field: path)
                continue
            default:
                report(
                    .unknownField(
                        name.text, key.range, in: field.description,
                        known: ["fromEnv", "fromFile", "fromCommand", "fromVault", "version"]))
                refused = true
                continue
            }
            if let location { locations.append(location) } else { refused = true }
        }
        guard !refused else { return nil }
        guard let location = locations.first, locations.count == 1 else {
            badValue(
                node, "\(field) needs exactly one of fromEnv, fromFile, fromCommand and fromVault",
                help: nil)
            return nil
        }
        return .secret(SecretSource(location, version: version))
    }

    /// Refuses what stands where a secret's source belongs.
    mutating func plainSecret(_ node: YAMLNode, _ field: ValueName) -> SecretSource? {
        report(
            .error(
                "manifest.plain-secret",
                "\(field) must say where the secret comes from; a secret never stands in a manifest",
                at: node.range.firstLine,
                help: "write { fromEnv: NAME } or { fromFile: PATH }, and replace the secret if this file was shared"))
        return nil
    }

    private mutating func words(_ node: YAMLNode, _ field: ValueName) -> [String]? {
        guard case .sequence(let sequence) = node.content else {
            report(.wrongType(field.description, wanted: "a list: the command and its arguments", node))
            return nil
        }
        var words: [String] = []
        for element in sequence {
            guard let word = text(element, field: field) else { return nil }
            words.append(word)
        }
        guard !words.isEmpty else {
            badValue(node, "\(field) names no command", help: nil)
            return nil
        }
        return words
    }
}

/// The value of one field of a resource, as manifests declare it and the state remembers it.
package enum FieldValue: Sendable, Hashable {
    case text(String)
    case integer(Int)
    case boolean(Bool)
    /// A set of texts, kept in order so that equal sets are equal values.
    case set([String])
    case map([String: String])
    /// Where a secret comes from.
    case secret(SecretSource)

    /// A set from texts in any order, with repetitions dropped.
    package static func set(of texts: some Sequence<String>) -> FieldValue { .set(Set(texts).sorted()) }

    package var json: JSON {
        switch self {
        case .text(let text): .string(text)
        case .integer(let number): .integer(number)
        case .boolean(let flag): .boolean(flag)
        case .set(let texts): .array(texts.map(JSON.string))
        case .map(let pairs): .sorted(pairs.map { (key: $0.key, value: JSON.string($0.value)) })
        // Wrapped, because a map may hold a name like `fromEnv` too; a map's values are texts, and this is an object.
        case .secret(let source): .object([.init("secret", source.json)])
        }
    }

    /// Reads what `json` writes; nil for anything else.
    package init?(json: JSON) {
        switch json {
        case .string(let text): self = .text(text)
        case .integer(let number): self = .integer(number)
        case .boolean(let flag): self = .boolean(flag)
        case .array(let elements):
            let texts = elements.compactMap(\.string)
            guard texts.count == elements.count else { return nil }
            self = .set(texts)
        case .object(let members):
            if members.count == 1, let source = json["secret"].flatMap(SecretSource.init(json:)) {
                self = .secret(source)
                return
            }
            var pairs: [String: String] = [:]
            for member in members {
                guard let text = member.value.string else { return nil }
                pairs[member.name] = text
            }
            self = .map(pairs)
        case .null, .number: return nil
        }
    }
}

/// A value with the reason why it is what it is.
package struct EffectiveValue: Sendable, Hashable {
    /// Who set a value.
    package enum Origin: Sendable, Hashable {
        case manifest
        /// Variables that the manifest names, joined by `, `.
        case variable(String)
        /// The environment that the run is in.
        case environment(String)
        /// The default of the field table.
        case schemaDefault
        /// A provider preset and its version.
        case preset(name: String, version: Int)

        /// `manifest`, `variable tenant`, `environment prod`, `default`, `preset microsoft365@1`.
        package var text: String {
            switch self {
            case .manifest: "manifest"
            case .variable(let names): "variable \(names)"
            case .environment(let name): "environment \(name)"
            case .schemaDefault: "default"
            case .preset(let name, let version): "preset \(name)@\(version)"
            }
        }

        /// Reads what `text` writes.
        package init?(text: String) {
            switch text {
            case "manifest": self = .manifest
            case "default": self = .schemaDefault
            case _ where text.hasPrefix("variable "):
                let names = text.dropFirst("variable ".count)
                guard !names.isEmpty else { return nil }
                self = .variable(String(names))
            case _ where text.hasPrefix("environment "):
                self = .environment(String(text.dropFirst("environment ".count)))
            default:
                guard text.hasPrefix("preset "), let at = text.lastIndex(of: "@"),
                    let version = DecimalNumber.parse(String(text[text.index(after: at)...]))
                else { return nil }
                self = .preset(name: String(text[..<at].dropFirst("preset ".count)), version: version)
            }
        }
    }

    package var value: FieldValue
    package var origin: Origin

    package init(_ value: FieldValue, _ origin: Origin) {
        self.value = value
        self.origin = origin
    }
}

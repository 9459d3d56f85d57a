import KeelBase
import KeelYAML

/// What a value is called in diagnostics: `spec.tls.caFile`, `metadata.labels.team`.
///
/// It becomes a text only when there is something to say about the value, which of most values there is not.
struct ValueName: CustomStringConvertible {
    private let mapping: StaticString
    private let name: String
    private var entry: YAMLScalar?

    /// A field below `spec`.
    static func spec(_ name: String) -> ValueName { ValueName(mapping: "spec", name: name) }

    /// A field below `metadata`.
    static func metadata(_ name: String) -> ValueName { ValueName(mapping: "metadata", name: name) }

    /// A value in a file of variables.
    static func variable(_ name: String) -> ValueName { ValueName(mapping: "variables", name: name) }

    /// The value of a key in a field that is a mapping.
    func entry(_ key: YAMLScalar) -> ValueName {
        var copy = self
        copy.entry = key
        return copy
    }

    var description: String {
        let field = "\(mapping).\(name)"
        return entry.map { "\(field).\(ForeignText($0.text).text)" } ?? field
    }
}

import KeelBase
import KeelYAML

/// What was read last at some place of the manifests, and what it was decoded to.
///
/// Many thousand accounts say the same word for word: the server, the profile, the labels. That is checked once and kept once.
struct RecentValue<Value> {
    private var node: YAMLNode?
    private var value: Value?

    /// What the node is decoded to, if it says what was read last.
    func value(of node: YAMLNode) -> Value? {
        guard let last = self.node, last.says(like: node) else { return nil }
        return value
    }

    /// Remembers a value of which there was nothing to report.
    mutating func remember(_ value: Value, of node: YAMLNode) {
        self.value = value
        self.node = node
    }
}

/// The recent values of a kind's fields. An object, because it outlives the decoder of each single resource.
final class RecentFields {
    private var fields: [RecentValue<FieldValue>]

    init(_ table: FieldTable) { fields = Array(repeating: RecentValue(), count: table.definitions.count) }

    func value(_ index: Int, of node: YAMLNode) -> FieldValue? { fields[index].value(of: node) }

    func remember(_ index: Int, _ value: FieldValue, of node: YAMLNode) { fields[index].remember(value, of: node) }
}

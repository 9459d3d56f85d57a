import KeelBase
import KeelDiagnostics
import KeelYAML

/// The metadata of a resource.
struct Metadata {
    let name: Located<String>
    let labels: [String: String]
    let annotations: [String: Annotation]
}

/// Decodes the `metadata` of one resource after the other.
struct MetadataDecoder {
    private enum Field: String, CaseIterable {
        case name, labels, annotations
    }

    /// The parts of metadata, not decoded but for the name.
    struct Parts {
        var name: Located<String>?
        var labels: YAMLNode?
        var annotations: YAMLNode?
    }

    private static let names = NameTable(of: Field.self)
    private let scope: ReferenceScope
    private var recentLabels = RecentValue<[String: String]>()

    init(_ scope: ReferenceScope = .empty) { self.scope = scope }

    /// The metadata; nil without a name. What is wrong with them is added to `diagnostics`.
    mutating func decode(_ node: YAMLNode, _ diagnostics: inout [Diagnostic]) -> Metadata? {
        var values = ValueDecoder(scope)
        defer { diagnostics += values.diagnostics }
        let parts = parts(of: node, &values)
        let labels = parts.labels.map { decodeLabels($0, &values) } ?? [:]
        let annotations = parts.annotations.map { node in
            Annotation.located(values.map(node, field: .metadata("annotations")) ?? [:], in: node)
        }
        return parts.name.map { Metadata(name: $0, labels: labels, annotations: annotations ?? [:]) }
    }

    /// What the metadata are made of, without a look into the labels and annotations.
    func parts(of node: YAMLNode, _ values: inout ValueDecoder) -> Parts {
        var parts = Parts()
        guard case .mapping(let mapping) = node.content else {
            values.report(.wrongType("metadata", wanted: "a mapping", node))
            return parts
        }
        var sawName = false
        // A second name was reported, and nobody knows which one was meant.
        var isAmbiguous = false
        for (key, value) in mapping {
            guard case .scalar(let field) = key.content else { continue }
            switch Self.names[field.bytes] {
            case .name?:
                isAmbiguous = sawName
                sawName = true
                parts.name = values.name(value, field: .metadata("name")).map { Located($0, value.range) }
            case .labels?: parts.labels = value
            case .annotations?: parts.annotations = value
            case nil where field.isRefusedAsKey: sawName = true
            case nil:
                let known = Field.allCases.map(\.rawValue)
                values.report(.unknownField(field.text, key.range, in: "metadata", known: known))
                if Suggestion.nearest(to: field.text, among: known) == Field.name.rawValue { sawName = true }
            }
        }
        if !sawName {
            values.report(
                .missingField(
                    "metadata.name", at: node.range.firstLine, help: "every resource has a name, unique among its kind")
            )
        }
        if isAmbiguous { parts.name = nil }
        return parts
    }

    private mutating func decodeLabels(_ node: YAMLNode, _ values: inout ValueDecoder) -> [String: String] {
        if let labels = recentLabels.value(of: node) { return labels }
        let reported = values.diagnostics.count
        let labels = values.map(node, field: .metadata("labels")) ?? [:]
        if values.diagnostics.count == reported, values.trace.isEmpty { recentLabels.remember(labels, of: node) }
        return labels
    }
}

extension Annotation {
    /// The texts of a mapping, each with the place of its name.
    static func located(_ texts: [String: String], in node: YAMLNode) -> [String: Annotation] {
        guard !texts.isEmpty, case .mapping(let mapping) = node.content else { return [:] }
        var annotations: [String: Annotation] = [:]
        for (key, _) in mapping {
            guard case .scalar(let name) = key.content, let text = texts[name.text] else { continue }
            annotations[name.text] = Annotation(text, named: key.range)
        }
        return annotations
    }
}

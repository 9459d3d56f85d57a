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

    private static let names = NameTable(of: Field.self)
    private var recentLabels = RecentValue<[String: String]>()

    /// The metadata; nil without a name. What is wrong with them is added to `diagnostics`.
    mutating func decode(_ node: YAMLNode, _ diagnostics: inout [Diagnostic]) -> Metadata? {
        guard case .mapping(let mapping) = node.content else {
            diagnostics.append(.wrongType("metadata", wanted: "a mapping", node))
            return nil
        }
        var values = ValueDecoder()
        defer { diagnostics += values.diagnostics }
        var name: Located<String>?
        var sawName = false
        // A second name was reported, and nobody knows which one was meant.
        var isAmbiguous = false
        var labels: [String: String] = [:]
        var annotations: [String: Annotation] = [:]
        for (key, value) in mapping {
            guard case .scalar(let field) = key.content else { continue }
            switch Self.names[field.bytes] {
            case .name?:
                isAmbiguous = sawName
                sawName = true
                name = values.name(value, field: .metadata("name")).map { Located($0, value.range) }
            case .labels?: labels = decodeLabels(value, &values)
            case .annotations?: annotations = decodeAnnotations(value, &values)
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
        return isAmbiguous ? nil : name.map { Metadata(name: $0, labels: labels, annotations: annotations) }
    }

    private func decodeAnnotations(_ node: YAMLNode, _ values: inout ValueDecoder) -> [String: Annotation] {
        let texts = values.map(node, field: .metadata("annotations")) ?? [:]
        guard !texts.isEmpty, case .mapping(let mapping) = node.content else { return [:] }
        var annotations: [String: Annotation] = [:]
        for (key, _) in mapping {
            guard case .scalar(let name) = key.content, let text = texts[name.text] else { continue }
            annotations[name.text] = Annotation(text, named: key.range)
        }
        return annotations
    }

    private mutating func decodeLabels(_ node: YAMLNode, _ values: inout ValueDecoder) -> [String: String] {
        if let labels = recentLabels.value(of: node) { return labels }
        let reported = values.diagnostics.count
        let labels = values.map(node, field: .metadata("labels")) ?? [:]
        if values.diagnostics.count == reported { recentLabels.remember(labels, of: node) }
        return labels
    }
}

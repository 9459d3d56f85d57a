import KeelBase

extension ResourceGraph {
    /// The graph in one of the formats, ending in a newline.
    package func rendered(_ format: GraphFormat) -> String {
        switch format {
        case .text: text
        case .dot: dot
        case .mermaid: mermaid
        case .json: json.text(.pretty)
        }
    }

    /// For reading: each resource with what it depends on, its steps with what they wait for.
    private var text: String {
        guard !nodes.isEmpty else { return "There is no resource.\n" }
        var text = ""
        for node in nodes {
            text += "\(node.address)"
            if let action = node.action { text += " (\(action.rawValue))" }
            if !node.dependencies.isEmpty { text += " -> \(Self.list(node.dependencies))" }
            text += "\n"
            for step in node.steps {
                text += "  \(step.id.kind.rawValue)"
                if let words = step.work.words { text += ": \(words)" }
                if !step.after.isEmpty { text += "\n    after \(Self.list(step.after))" }
                text += "\n"
            }
        }
        return text
    }

    /// For Graphviz: resources are boxes around their steps.
    private var dot: String {
        var text = "digraph mailkeel {\n  rankdir = \"LR\";\n  compound = true;\n  node [shape = \"box\"];\n"
        let number = Dictionary(uniqueKeysWithValues: nodes.enumerated().map { ($0.element.address, $0.offset) })
        for (index, node) in nodes.enumerated() {
            let title = Self.quoted("\(node.address)" + (node.action.map { "\n\($0.rawValue)" } ?? ""))
            text += "  subgraph \"cluster_\(index)\" {\n    label = \(title);\n    \"r\(index)\" [label = \(title)];\n"
            for step in node.steps {
                text +=
                    "    \(Self.quoted(step.id.description)) [label = \(Self.quoted(step.id.kind.rawValue)), style = \"rounded\"];\n"
            }
            text += "  }\n"
        }
        for (index, node) in nodes.enumerated() {
            for dependency in node.dependencies {
                if let target = number[dependency] {
                    text += "  \"r\(index)\" -> \"r\(target)\" [style = \"dashed\"];\n"
                }
            }
            for step in node.steps {
                for before in step.after {
                    text += "  \(Self.quoted(before.description)) -> \(Self.quoted(step.id.description));\n"
                }
            }
        }
        return text + "}\n"
    }

    /// For Markdown pages: dotted arrows lead from a resource to what it depends on, solid ones from step to step.
    private var mermaid: String {
        var text = "flowchart LR\n"
        let number = Dictionary(uniqueKeysWithValues: nodes.enumerated().map { ($0.element.address, "r\($0.offset)") })
        var names: [StepID: String] = [:]
        for (index, node) in nodes.enumerated() {
            for step in node.steps { names[step.id] = "r\(index)_\(step.id.kind.rawValue)" }
        }
        for (index, node) in nodes.enumerated() {
            let title = Self.escaped("\(node.address)" + (node.action.map { " (\($0.rawValue))" } ?? ""))
            if node.steps.isEmpty {
                text += "  r\(index)[\"\(title)\"]\n"
                continue
            }
            text += "  subgraph r\(index)[\"\(title)\"]\n"
            for step in node.steps { text += "    \(names[step.id] ?? "")([\"\(step.id.kind.rawValue)\"])\n" }
            text += "  end\n"
        }
        for (index, node) in nodes.enumerated() {
            for dependency in node.dependencies {
                if let target = number[dependency] { text += "  r\(index) -.-> \(target)\n" }
            }
            for step in node.steps {
                for before in step.after {
                    if let from = names[before], let to = names[step.id] { text += "  \(from) --> \(to)\n" }
                }
            }
        }
        return text
    }

    /// For programs: `format` 1, resources and steps.
    private var json: JSON {
        .object([
            .init("format", 1), .init("type", "graph"),
            .init(
                "resources",
                .array(
                    nodes.map { node in
                        .present(
                            ("address", .string(node.address.description)),
                            ("action", node.action.map { .string($0.rawValue) }),
                            ("dependencies", .array(node.dependencies.map { .string($0.description) })))
                    })),
            .init("steps", .array(nodes.flatMap { $0.steps.map(\.json) })),
        ])
    }

    private static func list(_ items: [some CustomStringConvertible]) -> String {
        items.map(\.description).joined(separator: ", ")
    }

    private static func quoted(_ text: String) -> String {
        "\"" + text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing("\n", with: "\\n") + "\""
    }

    private static func escaped(_ text: String) -> String { text.replacing("\"", with: "#quot;") }
}

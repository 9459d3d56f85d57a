import KeelBase
import KeelDiagnostics
import KeelProviders

/// Explanations as text for a terminal.
package struct ExplanationText: Sendable {
    private let style: TextStyle
    /// The longest line, in characters.
    private static let width = 96

    package init(style: TextStyle) { self.style = style }

    /// One entry with all that is known.
    package func render(_ entry: Explanation) -> String {
        var lines = [style.bold(entry.code), entry.title + "."]
        if let severity = entry.severity {
            let silence = entry.silence.map { "an annotation \($0): REASON silences it" } ?? "it cannot be silenced"
            lines += ["", "\(severity.rawValue); \(silence)"]
        }
        if let speaker = entry.speaker {
            lines += ["", "from \(speaker.title); who must act: \(speaker.responsible.phrase)"]
        }
        lines += [""] + Self.wrapped(entry.meaning)
        lines += ["", style.bold("What to do")] + Self.wrapped(entry.fix)
        if let example = entry.example {
            lines += ["", style.bold("For example")]
            lines += example.before.split(separator: "\n").map { "  \(style.red("-")) \($0)" }
            lines += example.after.split(separator: "\n").map { "  \(style.green("+")) \($0)" }
        }
        if let link = entry.speaker?.link { lines += ["", style.bold("The provider's page"), link] }
        return lines.joined(separator: "\n") + "\n"
    }

    /// Several entries for one code: the first with all that is known, the others a line each.
    package func render(_ entries: [Explanation]) -> String {
        guard let first = entries.first else { return "" }
        let others = Array(entries.dropFirst())
        return render(first) + (others.isEmpty ? "" : "\n\(style.bold("Related"))\n" + table(others))
    }

    /// The groups in which entries are listed, a line each.
    package func table(_ groups: [ExplanationCatalogue.Group]) -> String {
        let widest = groups.map(\.name.count).max() ?? 0
        return groups.map { group in
            let blanks = String(repeating: " ", count: widest - group.name.count + 2)
            return "\(style.bold(group.name))\(blanks)\(group.title) (\(counted(group.entries.count, "code")))\n"
        }.joined()
    }

    /// All entries, a line each.
    package func table(_ entries: [Explanation]) -> String {
        let widest = entries.map(\.code.count).max() ?? 0
        let isGraded = entries.contains { $0.severity != nil }
        return entries.map { entry in
            let blanks = String(repeating: " ", count: widest - entry.code.count + 2)
            let severity = entry.severity.map(\.rawValue) ?? ""
            let column = isGraded ? severity + String(repeating: " ", count: 9 - severity.count) : ""
            return "\(style.bold(entry.code))\(blanks)\(column)\(entry.title)\n"
        }.joined()
    }

    /// The text in lines that are not too long.
    static func wrapped(_ text: String) -> [String] {
        var lines: [String] = []
        var line = ""
        for word in text.split(separator: " ") {
            if !line.isEmpty, line.count + 1 + word.count > width {
                lines.append(line)
                line = ""
            }
            line += line.isEmpty ? String(word) : " \(word)"
        }
        if !line.isEmpty { lines.append(line) }
        return lines
    }
}

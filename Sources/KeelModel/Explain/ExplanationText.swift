import KeelBase
import KeelDiagnostics

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
        lines += [""] + Self.wrapped(entry.meaning)
        lines += ["", style.bold("What to do")] + Self.wrapped(entry.fix)
        if let example = entry.example {
            lines += ["", style.bold("For example")]
            lines += example.before.split(separator: "\n").map { "  \(style.red("-")) \($0)" }
            lines += example.after.split(separator: "\n").map { "  \(style.green("+")) \($0)" }
        }
        return lines.joined(separator: "\n") + "\n"
    }

    /// All entries, a line each.
    package func table(_ entries: [Explanation]) -> String {
        let widest = entries.map(\.code.count).max() ?? 0
        return entries.map { entry in
            let blanks = String(repeating: " ", count: widest - entry.code.count + 2)
            let severity = entry.severity.map(\.rawValue) ?? ""
            let column = severity + String(repeating: " ", count: 9 - severity.count)
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

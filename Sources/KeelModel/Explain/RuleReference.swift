import KeelDiagnostics

/// The part of `docs/lint.md` that follows from the rules.
package enum RuleReference {
    package static var markdown: String {
        let entries = LintRule.allCases.map { Explanation($0) }
        var lines = ["| Rule | Finds | How bad | Can be silenced |", "| --- | --- | --- | --- |"]
        lines += entries.map { entry in
            let severity = entry.severity?.rawValue ?? ""
            return
                "| [`\(entry.code)`](#\(anchor(entry))) | \(entry.title) | \(severity) | \(entry.silence == nil ? "no" : "yes") |"
        }
        for entry in entries {
            lines += [
                "", "### \(entry.code)", "", "\(entry.title). \(entry.meaning)", "", "**What to do:** \(entry.fix)",
            ]
            guard let example = entry.example else { continue }
            lines += ["", "```diff"]
            lines += example.before.split(separator: "\n").map { "- \($0)" }
            lines += example.after.split(separator: "\n").map { "+ \($0)" }
            lines += ["```"]
        }
        return lines.joined(separator: "\n") + "\n"
    }

    /// The anchor that the usual renderers make of a heading.
    private static func anchor(_ entry: Explanation) -> String { entry.code.replacing(".", with: "") }
}

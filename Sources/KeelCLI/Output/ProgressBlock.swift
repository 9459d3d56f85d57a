import KeelBase
import KeelDiagnostics
import KeelPlan

/// A line of the block below what scrolls: cut to the width, so that it never wraps.
package struct ProgressRow {
    private var parts: [(text: String, paint: (String) -> String)] = []

    package init() {}

    package mutating func add(_ text: String, _ paint: @escaping (String) -> String = { $0 }) {
        parts.append((TerminalText.clean(text), paint))
    }

    /// The text and how many cells it takes, at most `width`; `…` stands where something was cut off.
    package func cut(to width: Int) -> (text: String, cells: Int) {
        var text = ""
        var used = 0
        // The last cell is kept for the mark, unless everything fits.
        let room = cells <= width ? width : width - 1
        for part in parts {
            var kept = String.UnicodeScalarView()
            var isCut = false
            for scalar in part.text.unicodeScalars {
                let cells = TerminalText.cells(scalar)
                if used + cells > room {
                    isCut = true
                    break
                }
                kept.append(scalar)
                used += cells
            }
            text += part.paint(String(kept))
            guard isCut else { continue }
            return width > 0 ? (text + "…", used + 1) : ("", 0)
        }
        return (text, used)
    }

    private var cells: Int { parts.reduce(0) { $0 + TerminalText.width(of: $1.text) } }
}

extension ProgressModel {
    /// How many running steps are shown.
    private static let runningLimit = 8
    /// How many groups of what waits are shown.
    private static let waitingLimit = 3

    /// The block as it is now, in at most `height` rows: counts, what runs, what waits.
    package func block(at now: Duration, height: Int, style: TextStyle) -> [ProgressRow] {
        guard height > 0 else { return [] }
        var rows = [summary(at: now, style)]
        rows += runningRows(at: now, atMost: height - rows.count, style)
        rows += waitingGroups(atMost: min(Self.waitingLimit, height - rows.count)).map { Self.row($0, style) }
        return rows
    }

    private func summary(at now: Duration, _ style: TextStyle) -> ProgressRow {
        var row = ProgressRow()
        row.add("\(counts.done) of \(total) done", style.bold)
        if counts.failed > 0 { row.add(", \(counts.failed) failed", style.red) }
        if counts.pending > 0 { row.add(", \(counts.pending) pending", style.yellow) }
        if counts.skipped > 0 { row.add(", \(counts.skipped) skipped", style.yellow) }
        row.add(" [\(ProgressNarrator.clock(now)) elapsed]", style.dim)
        return row
    }

    private func runningRows(at now: Duration, atMost limit: Int, _ style: TextStyle) -> [ProgressRow] {
        var entries = runningSteps.map { (subject: "\($0.address): \($0.words)", start: $0.start) }
        if recording.count > 0 {
            entries.append((subject: "recording \(counted(recording.count, "result"))", start: recording.start))
        }
        guard limit > 0 else { return [] }
        // What does not fit takes a row of its own to be said.
        let isCut = entries.count > Self.runningLimit || entries.count > limit
        let shown = isCut ? min(Self.runningLimit, limit - 1) : entries.count
        var rows = entries.prefix(shown).map { entry in
            var row = ProgressRow()
            row.add("  \(Self.elapsed(now - entry.start))  ", style.dim)
            row.add(entry.subject)
            return row
        }
        if isCut {
            var row = ProgressRow()
            row.add("  and \(entries.count - shown) more", style.dim)
            rows.append(row)
        }
        return rows
    }

    private static func row(_ group: Waiting, _ style: TextStyle) -> ProgressRow {
        var row = ProgressRow()
        let waiters = counted(group.count, group.kind.noun)
        row.add("  \(waiters) \(group.count == 1 ? "waits" : "wait") for \(group.blocker)", style.dim)
        return row
    }

    /// Right-aligned, because it changes all the time: `   3s`, `1m02s`.
    private static func elapsed(_ duration: Duration) -> String {
        let seconds = duration.components.seconds
        let text = seconds < 60 ? "\(seconds)s" : String(ProgressNarrator.clock(duration).drop { $0 == "0" })
        return String(repeating: " ", count: max(0, 5 - text.count)) + text
    }
}

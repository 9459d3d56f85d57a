/// What changes between two layouts of one text, as `diff -u` writes it.
///
/// The two differ in blanks, blank lines and `...` alone, so lines are paired in one pass. Of any other two texts the
/// result is right as well, only longer than it need be.
package struct UnifiedDiff {
    private enum Edit {
        case same(Int, Int), removed(Int), added(Int)
    }

    private let old: [ArraySlice<UInt8>]
    private let new: [ArraySlice<UInt8>]
    private let path: String
    private var edits: [Edit] = []
    /// Lines of the old text that are not shown, because they may hold a secret.
    private let hidden: Set<Int>
    /// The lines of the new text that came of those.
    private var hiddenNew: Set<Int> = []

    private static let context = 3

    /// The difference as text; empty if there is none. `hidden`: lines of the old text, from one, that are not shown.
    package static func text(from old: [UInt8], to new: [UInt8], path: String, hiding hidden: Set<Int> = []) -> String {
        guard old != new else { return "" }
        var diff = UnifiedDiff(old: old, new: new, path: path, hidden: hidden)
        diff.pair()
        return diff.rendered
    }

    private init(old: [UInt8], new: [UInt8], path: String, hidden: Set<Int>) {
        self.old = Self.lines(old)
        self.new = Self.lines(new)
        self.path = path
        self.hidden = hidden
    }

    /// The lines with their ends.
    private static func lines(_ text: [UInt8]) -> [ArraySlice<UInt8>] {
        var lines: [ArraySlice<UInt8>] = []
        var start = 0
        for index in text.indices where text[index] == UInt8(ascii: "\n") || isLoneReturn(text, index) {
            lines.append(text[start...index])
            start = index + 1
        }
        if start < text.count { lines.append(text[start...]) }
        return lines
    }

    private static func isLoneReturn(_ text: [UInt8], _ index: Int) -> Bool {
        text[index] == UInt8(ascii: "\r") && (index + 1 == text.count || text[index + 1] != UInt8(ascii: "\n"))
    }

    private mutating func pair() {
        var left = 0
        var right = 0
        // A changed stretch shows all that goes before all that comes.
        var added: [Int] = []
        func isBlank(_ line: ArraySlice<UInt8>) -> Bool { line.allSatisfy(Self.isBlank) }
        while left < old.count || right < new.count {
            if left < old.count, right < new.count, Self.areAlike(old[left], new[right]) {
                if hidden.contains(left + 1) { hiddenNew.insert(right) }
                if old[left] == new[right] {
                    flush(&added)
                    edits.append(.same(left, right))
                } else {
                    edits.append(.removed(left))
                    added.append(right)
                }
                left += 1
                right += 1
            } else if left < old.count, right == new.count || isBlank(old[left]) || !isBlank(new[right]) {
                edits.append(.removed(left))
                left += 1
            } else {
                added.append(right)
                right += 1
            }
        }
        flush(&added)
    }

    private mutating func flush(_ added: inout [Int]) {
        edits += added.map { .added($0) }
        added.removeAll(keepingCapacity: true)
    }

    private static func isBlank(_ byte: UInt8) -> Bool { byte <= UInt8(ascii: " ") }

    /// Whether two lines differ in blanks alone.
    private static func areAlike(_ left: ArraySlice<UInt8>, _ right: ArraySlice<UInt8>) -> Bool {
        left.lazy.filter { !isBlank($0) }.elementsEqual(right.lazy.filter { !isBlank($0) })
    }
}

extension UnifiedDiff {
    private var rendered: String {
        var text = "--- \(path)\n+++ \(path)\n"
        var index = 0
        while let first = edits[index...].firstIndex(where: isChange) {
            // A hunk goes on as long as no more than twice the context lies between two changes.
            var last = first
            while let next = edits[(last + 1)...].prefix(2 * Self.context + 1).firstIndex(where: isChange) {
                last = next
            }
            let end = min(last + 1 + Self.context, edits.count)
            appendHunk(max(first - Self.context, index)..<end, to: &text)
            index = end
        }
        return text
    }

    private func isChange(_ edit: Edit) -> Bool { if case .same = edit { false } else { true } }

    private func appendHunk(_ range: Range<Int>, to text: inout String) {
        var body = ""
        var oldLines: [Int] = []
        var newLines: [Int] = []
        for edit in edits[range] {
            switch edit {
            case .same(let left, let right):
                oldLines.append(left)
                newLines.append(right)
                appendLine(" ", old[left], isHidden: hidden.contains(left + 1), to: &body)
            case .removed(let left):
                oldLines.append(left)
                appendLine("-", old[left], isHidden: hidden.contains(left + 1), to: &body)
            case .added(let right):
                newLines.append(right)
                appendLine("+", new[right], isHidden: hiddenNew.contains(right), to: &body)
            }
        }
        text += "@@ -\(span(oldLines, before: range, \.old)) +\(span(newLines, before: range, \.new)) @@\n" + body
    }

    /// `3,2`: the first line and their number; of an empty stretch the line before it.
    private func span(_ lines: [Int], before range: Range<Int>, _ side: KeyPath<(old: Int, new: Int), Int>) -> String {
        guard let first = lines.first else { return "\(reached(before: range.lowerBound)[keyPath: side]),0" }
        return lines.count == 1 ? "\(first + 1)" : "\(first + 1),\(lines.count)"
    }

    /// How many lines of either text lie before an edit.
    private func reached(before index: Int) -> (old: Int, new: Int) {
        edits[..<index].reduce(into: (old: 0, new: 0)) { reached, edit in
            switch edit {
            case .same: reached = (reached.old + 1, reached.new + 1)
            case .removed: reached.old += 1
            case .added: reached.new += 1
            }
        }
    }

    private func appendLine(_ sign: String, _ line: ArraySlice<UInt8>, isHidden: Bool, to text: inout String) {
        guard !isHidden else { return text += sign + "(not shown: it may hold a secret)\n" }
        let isEnded = line.last == UInt8(ascii: "\n") || line.last == UInt8(ascii: "\r")
        let content = line.filter { $0 != UInt8(ascii: "\n") && $0 != UInt8(ascii: "\r") }
        text += sign + String(decoding: content, as: UTF8.self) + "\n"
        if !isEnded { text += "\\ No newline at end of file\n" }
    }
}

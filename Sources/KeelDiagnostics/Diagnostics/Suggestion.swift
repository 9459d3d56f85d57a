/// "Did you mean": the known name that a mistyped one was probably meant to be.
package enum Suggestion {
    /// Longer names are not compared: nobody mistypes one so, and the cost grows with the square.
    private static let longest = 64

    /// The nearest candidate, or nil if none is near enough.
    ///
    /// A name that differs in case only is the nearest; else the one with the fewest edits (insert, delete, replace,
    /// swap of neighbours), at most one in three characters. Of equals the first wins.
    package static func nearest(to text: String, among candidates: some Sequence<String>) -> String? {
        let wanted = folded(text)
        guard !wanted.isEmpty, wanted.count <= longest else { return nil }
        var best: (candidate: String, distance: Int)?
        for candidate in candidates {
            let name = folded(candidate)
            let cutOff = max(1, min(3, max(wanted.count, name.count) / 3))
            let limit = min(cutOff, (best?.distance ?? .max) - 1)
            guard name.count <= longest, abs(name.count - wanted.count) <= limit else { continue }
            let distance = distance(wanted, name)
            guard distance <= limit, distance < max(wanted.count, name.count) else { continue }
            if distance == 0 { return candidate }
            best = (candidate, distance)
        }
        return best?.candidate
    }

    private static func folded(_ text: String) -> [Character] { Array(text.lowercased()) }

    /// The Damerau-Levenshtein distance in its restricted form: no stretch is edited twice.
    private static func distance(_ left: [Character], _ right: [Character]) -> Int {
        var beforeLast = [Int](repeating: 0, count: right.count + 1)
        var last = Array(0...right.count)
        for row in left.indices {
            var current = [row + 1]
            current.reserveCapacity(right.count + 1)
            for column in right.indices {
                let replaced = last[column] + (left[row] == right[column] ? 0 : 1)
                var cost = min(replaced, last[column + 1] + 1, current[column] + 1)
                if row > 0, column > 0, left[row] == right[column - 1], left[row - 1] == right[column] {
                    cost = min(cost, beforeLast[column - 1] + 1)
                }
                current.append(cost)
            }
            beforeLast = last
            last = current
        }
        return last[right.count]
    }
}

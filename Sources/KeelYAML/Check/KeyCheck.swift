import KeelBase
import KeelDiagnostics

/// Finds keys that a manifest cannot have: twice the same, none, a collection, a merge.
struct KeyCheck {
    private let tree: YAMLTree
    private(set) var mistakes: MistakeList

    /// Up to this many keys all pairs are compared; beyond it a table is cheaper.
    private static let fewKeys = 16

    /// Adds what it finds to `mistakes`.
    init(tree: YAMLTree, mistakes: MistakeList) {
        self.tree = tree
        self.mistakes = mistakes
        var keys: [Int] = []
        for index in tree.entries.indices where tree.entries[index].kind == .mapping {
            keys.removeAll(keepingCapacity: true)
            collectKeys(of: index, into: &keys)
            if keys.count <= Self.fewKeys { comparePairs(keys) } else { compareByTable(keys) }
        }
    }

    /// The scalar keys of a mapping; the others are reported.
    private mutating func collectKeys(of mapping: Int, into keys: inout [Int]) {
        let end = tree.next(after: mapping)
        var key = mapping + 1
        while key < end {
            let resolved = tree.resolved(key)
            let entry = tree.entries[resolved]
            if entry.kind != .scalar {
                report(
                    "yaml.key", "a key must be text, not a list or mapping", key,
                    help: "quote a text that begins with \"{\" or \"[\"")
            } else if entry.isPlain, entry.tag == nil, entry.count == 0 {
                report("yaml.key", "the key is missing", key, help: "write \"name: value\"")
            } else if entry.isPlain, entry.tag == nil, tree.text[tree.textRange(resolved)].elementsEqual("<<".utf8) {
                report(
                    "yaml.merge-key", "merge keys are not supported", key, help: "write the fields out in each resource"
                )
            } else {
                keys.append(key)
            }
            key = tree.next(after: tree.next(after: key))
        }
    }

    private mutating func comparePairs(_ keys: [Int]) {
        for (number, key) in keys.enumerated() {
            guard let first = keys[..<number].first(where: { areEqual($0, key) }) else { continue }
            reportDuplicate(key, first: first)
        }
    }

    private mutating func compareByTable(_ keys: [Int]) {
        var firsts: [String: Int] = [:]
        firsts.reserveCapacity(keys.count)
        for key in keys {
            let text = tree.string(tree.resolved(key))
            if let first = firsts[text] { reportDuplicate(key, first: first) } else { firsts[text] = key }
        }
    }

    /// As Swift strings are equal: the two ways to write "é" are one key, as they will be in every dictionary.
    private func areEqual(_ left: Int, _ right: Int) -> Bool {
        let leftRange = tree.textRange(tree.resolved(left))
        let rightRange = tree.textRange(tree.resolved(right))
        if leftRange.count == rightRange.count, tree.text[leftRange].elementsEqual(tree.text[rightRange]) {
            return true
        }
        guard isBeyondASCII(leftRange), isBeyondASCII(rightRange) else { return false }
        return tree.string(tree.resolved(left)) == tree.string(tree.resolved(right))
    }

    private func isBeyondASCII(_ range: Range<Int>) -> Bool { tree.text[range].contains { $0 >= 0x80 } }

    private mutating func reportDuplicate(_ key: Int, first: Int) {
        let name = ForeignText(tree.string(tree.resolved(key))).text
        mistakes.add(
            .error(
                "yaml.duplicate-key", "duplicate key \"\(name)\"", at: tree.range(key),
                notes: [.init("first here", at: tree.range(first))], help: "remove one of them"))
    }

    private mutating func report(_ code: String, _ message: String, _ key: Int, help: String) {
        mistakes.add(.error(code, message, at: tree.range(key), help: help))
    }
}

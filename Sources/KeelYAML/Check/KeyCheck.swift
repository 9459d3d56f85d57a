import KeelBase
import KeelDiagnostics

/// Finds keys that a manifest cannot have: twice the same, none, a collection, a merge.
struct KeyCheck {
    private let tree: YAMLTree
    private(set) var mistakes: MistakeList

    private struct Key {
        let index: Int
        let digest: UInt64
    }

    /// Up to this many keys all pairs are compared; beyond it a table is cheaper.
    private static let fewKeys = 16

    /// Adds what it finds to `mistakes`.
    init(tree: YAMLTree, mistakes: MistakeList) {
        self.tree = tree
        self.mistakes = mistakes
        var keys: [Key] = []
        for index in tree.entries.indices where tree.entries[index].kind == .mapping {
            keys.removeAll(keepingCapacity: true)
            collectKeys(of: index, into: &keys)
            if keys.count <= Self.fewKeys { comparePairs(keys) } else { compareByTable(keys) }
        }
    }

    /// The scalar keys of a mapping; the others are reported.
    private mutating func collectKeys(of mapping: Int, into keys: inout [Key]) {
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
            } else if entry.isPlain, entry.tag == nil, entry.count == 2, isMergeKey(resolved) {
                report(
                    "yaml.merge-key", "merge keys are not supported", key, help: "write the fields out in each resource"
                )
            } else {
                keys.append(Key(index: key, digest: digest(of: resolved)))
            }
            key = tree.next(after: tree.next(after: key))
        }
    }

    private func isMergeKey(_ scalar: Int) -> Bool { tree.text[tree.textRange(scalar)].elementsEqual("<<".utf8) }

    private mutating func comparePairs(_ keys: [Key]) {
        for number in keys.indices {
            for earlier in 0..<number where keys[earlier].digest == keys[number].digest {
                guard areEqual(keys[earlier], keys[number]) else { continue }
                reportDuplicate(keys[number].index, first: keys[earlier].index)
                break
            }
        }
    }

    private mutating func compareByTable(_ keys: [Key]) {
        var firsts: [String: Int] = [:]
        firsts.reserveCapacity(keys.count)
        for key in keys {
            let text = tree.string(tree.resolved(key.index))
            if let first = firsts[text] { reportDuplicate(key.index, first: first) } else { firsts[text] = key.index }
        }
    }

    /// As Swift strings are equal: the two ways to write "é" are one key, as they will be in every dictionary.
    private func areEqual(_ left: Key, _ right: Key) -> Bool {
        tree.string(tree.resolved(left.index)) == tree.string(tree.resolved(right.index))
    }

    /// Equal for equal texts, and nearly always different for others, so that few texts are compared.
    private func digest(of scalar: Int) -> UInt64 {
        var digest: UInt64 = 0
        var seen: UInt8 = 0
        for byte in tree.text[tree.textRange(scalar)] {
            digest = (digest << 8 | digest >> 56) ^ UInt64(byte)
            seen |= byte
        }
        // Beyond ASCII equal texts can have different bytes.
        return seen < 0x80 ? digest : .max
    }

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

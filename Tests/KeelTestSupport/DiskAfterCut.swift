import KeelBase

extension DiskTrace {
    /// What is on the disk when the power is cut after the first `count` steps.
    package func disk(after count: Int, _ cut: PowerCut) -> InMemoryFileStore {
        var disk = DiskAfterCut(cut)
        for event in events.prefix(count) { disk.take(event) }
        return disk.files()
    }
}

/// A disk with what is on it for sure, and what may be.
private struct DiskAfterCut {
    private enum Change {
        case set(String, Int)
        case rename(String, String, Int)
        case unlink(String)
        case makeDirectory(String)
    }

    private let cut: PowerCut
    private var chance: SeededGenerator
    private var contents: [Int: [UInt8]] = [:]
    private var unsynchronized: [Int: [UInt8]] = [:]
    private var names: [String: Int] = [:]
    private var directories: Set<String> = ["/"]
    /// By directory, in their order.
    private var changes: [String: [Change]] = [:]

    init(_ cut: PowerCut) {
        self.cut = cut
        let seed: UInt64 = if case .mixes(let seed) = cut { seed } else { 0 }
        chance = SeededGenerator(seed: seed)
    }

    mutating func take(_ event: DiskTrace.Event) {
        switch event {
        case .write(let file, let bytes): unsynchronized[file, default: []] += bytes
        case .synchronize(let file): contents[file, default: []] += unsynchronized.removeValue(forKey: file) ?? []
        case .name(let path, let file): change(path, .set(path, file))
        case .rename(let from, let to, let file): change(to, .rename(from, to, file))
        case .unlink(let path): change(path, .unlink(path))
        case .makeDirectory(let path): change(path, .makeDirectory(path))
        case .synchronizeDirectory(let path):
            for change in changes.removeValue(forKey: path) ?? [] { apply(change) }
        }
    }

    /// The disk as it is found afterwards.
    mutating func files() -> InMemoryFileStore {
        // Directories from the top, because what is in a directory that was lost is lost.
        for directory in changes.keys.sorted() {
            for change in changes[directory] ?? [] where keepsName() { apply(change) }
        }
        let left = InMemoryFileStore()
        for directory in directories.sorted() where isThere(directory) { try? left.createDirectory(directory) }
        var found: [Int: [UInt8]] = [:]
        for (path, file) in names.sorted(by: { $0.key < $1.key }) where isThere(InMemoryFileStore.parent(path)) {
            let bytes = found[file] ?? content(file)
            found[file] = bytes
            left.put(path, bytes: bytes)
        }
        return left
    }

    private mutating func change(_ path: String, _ change: Change) {
        changes[InMemoryFileStore.parent(path), default: []].append(change)
    }

    private mutating func apply(_ change: Change) {
        switch change {
        case .set(let path, let file): names[path] = file
        case .rename(let from, let to, let file):
            names[from] = nil
            names[to] = file
        case .unlink(let path): names[path] = nil
        case .makeDirectory(let path): directories.insert(path)
        }
    }

    private func isThere(_ directory: String) -> Bool {
        directory == "/" || directories.contains(directory) && isThere(InMemoryFileStore.parent(directory))
    }

    private mutating func keepsName() -> Bool {
        switch cut {
        case .losesAll, .keepsContents: false
        case .keepsAll, .keepsNames: true
        case .mixes: Bool.random(using: &chance)
        }
    }

    private mutating func content(_ file: Int) -> [UInt8] {
        let sure = contents[file] ?? []
        guard let more = unsynchronized[file] else { return sure }
        switch cut {
        case .losesAll, .keepsNames: return sure
        case .keepsAll, .keepsContents: return sure + more
        case .mixes: break
        }
        switch Int.random(in: 0..<4, using: &chance) {
        case 0: return sure
        case 1: return sure + more
        case 2: return sure + more.prefix(Int.random(in: 0...more.count, using: &chance))
        default: return holed(sure + more, from: sure.count)
        }
    }

    /// Blocks that were never written read as zeros where the file has its full size.
    private mutating func holed(_ bytes: [UInt8], from start: Int) -> [UInt8] {
        var bytes = bytes
        let block = 64
        for begin in stride(from: start / block * block, to: bytes.count, by: block) where Bool.random(using: &chance) {
            for offset in max(begin, start)..<min(begin + block, bytes.count) { bytes[offset] = 0 }
        }
        return bytes
    }
}

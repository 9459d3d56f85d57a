import KeelBase

/// What a power cut makes of what was not synchronized. What was, stays.
package enum PowerCut: Sendable, Hashable, CustomStringConvertible {
    /// All of it is lost.
    case losesAll
    /// All of it is there.
    case keepsAll
    /// Names are as if nothing had happened, and contents are lost: a rename that overtook its data.
    case keepsNames
    /// Contents are there, and names are lost.
    case keepsContents
    /// Each change of a name is lost or there, and each content is a part of what it should be; decided by the seed.
    case mixes(UInt64)

    /// All kinds, with so many mixtures.
    package static func kinds(mixtures: UInt64) -> [PowerCut] {
        [.losesAll, .keepsAll, .keepsNames, .keepsContents] + (0..<mixtures).map { .mixes($0) }
    }

    package var description: String {
        switch self {
        case .losesAll: "loses all"
        case .keepsAll: "keeps all"
        case .keepsNames: "keeps names"
        case .keepsContents: "keeps contents"
        case .mixes(let seed): "mixture \(seed)"
        }
    }
}

/// What a disk was asked to do, in its order, so that a power cut after any of it can be tried.
///
/// As strict as POSIX is: a file's own synchronization says nothing of its name, and one directory's nothing of another's.
package struct DiskTrace: Sendable {
    enum Event: Sendable {
        /// Adds to the content of a file.
        case write(Int, [UInt8])
        case synchronize(Int)
        /// A new name of a file: its first, or a link.
        case name(String, Int)
        case rename(String, String, Int)
        case unlink(String)
        case makeDirectory(String)
        case synchronizeDirectory(String)
    }

    private(set) var events: [Event] = []
    private var names: [String: Int] = [:]
    private var directories: Set<String> = ["/"]
    private var files = 0

    /// How many steps there were; a cut may come after any.
    package var count: Int { events.count }

    /// Begins with what is there already, durably.
    init(of memory: InMemoryFileStore) {
        for directory in memory.directories.sorted() { makeDirectory(directory) }
        for path in memory.paths {
            let file = newFile()
            events += [.write(file, memory.bytes(path) ?? []), .synchronize(file)]
            link(path, file)
        }
        for directory in directories { events.append(.synchronizeDirectory(directory)) }
    }

    // MARK: What the port's calls do, step by step

    mutating func replace(_ path: String, _ bytes: [UInt8]) {
        let temporary = fill(besides: path, bytes)
        events.append(.rename(temporary.path, path, temporary.file))
        names[path] = temporary.file
        synchronizeDirectory(of: path)
    }

    mutating func create(_ path: String, _ bytes: [UInt8]) {
        let temporary = fill(besides: path, bytes)
        link(path, temporary.file)
        events.append(.unlink(temporary.path))
        synchronizeDirectory(of: path)
    }

    mutating func openAppending(_ path: String) {
        guard names[path] == nil else { return }
        link(path, newFile())
        synchronizeDirectory(of: path)
    }

    mutating func append(_ path: String, _ bytes: [UInt8]) {
        if let file = names[path] { events.append(.write(file, bytes)) }
    }

    mutating func synchronize(_ path: String) {
        if let file = names[path] { events.append(.synchronize(file)) }
    }

    mutating func preserve(_ path: String, as other: String) {
        if let file = names[path], names[other] == nil { link(other, file) }
        synchronizeDirectory(of: other)
    }

    mutating func remove(_ path: String) {
        guard names.removeValue(forKey: path) != nil else { return }
        events.append(.unlink(path))
        synchronizeDirectory(of: path)
    }

    mutating func createDirectory(_ path: String) {
        guard !directories.contains(path) else { return }
        createDirectory(InMemoryFileStore.parent(path))
        makeDirectory(path)
        synchronizeDirectory(of: path)
    }

    /// A lock file is nobody's to keep.
    mutating func lock(_ path: String) {
        if names[path] == nil { link(path, newFile()) }
    }

    private mutating func newFile() -> Int {
        files += 1
        return files
    }

    private mutating func link(_ path: String, _ file: Int) {
        events.append(.name(path, file))
        names[path] = file
    }

    private mutating func makeDirectory(_ path: String) {
        guard directories.insert(path).inserted else { return }
        events.append(.makeDirectory(path))
    }

    private mutating func synchronizeDirectory(of path: String) {
        events.append(.synchronizeDirectory(InMemoryFileStore.parent(path)))
    }

    private mutating func fill(besides path: String, _ bytes: [UInt8]) -> (path: String, file: Int) {
        let file = newFile()
        let name = path.split(separator: "/").last ?? ""
        let temporary = "\(InMemoryFileStore.parent(path))/.\(name).tmp-\(file)"
        events += [.name(temporary, file), .write(file, bytes), .synchronize(file)]
        return (temporary, file)
    }
}

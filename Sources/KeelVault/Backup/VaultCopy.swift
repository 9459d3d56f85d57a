import KeelBase
import KeelCrypto

/// A copy of a vault that is being made: a file of ours alone, beside the one that it will become.
struct VaultCopy: ~Copyable {
    let path: String
    private let files: any FileStore
    private let lock: (any FileLock)?

    /// An empty one beside `target`. Its name and its lock are those of temporary files, so that a killed process leaves
    /// nothing that the next one does not remove.
    init(besides target: String, _ files: any FileStore) throws(VaultFailure) {
        self.files = files
        let slash = target.lastIndex(of: "/").map(target.index(after:)) ?? target.startIndex
        path = "\(target[..<slash]).\(target[slash...]).tmp-\(RandomIdentifier.make())"
        do throws(FileFailure) {
            files.removeLeftovers(of: target)
            try files.create(path, with: [])
            lock = try files.lock(path)
        } catch {
            throw VaultFile.failure(error)
        }
    }

    deinit {
        // SQLite's own helper file is gone unless it failed; whatever is left harms nobody.
        for suffix in ["", "-journal"] { try? files.remove(path + suffix) }
        lock?.unlock()
    }

    /// Fills it from a connection, consistently while others write, and marks it as a copy. It is durable after that: the
    /// mark is a transaction of its own, which synchronizes the file.
    func fill(from source: Connection, _ quarantine: Quarantine) throws(VaultFailure) {
        // SQLite fills an empty file that is there, and leaves its mode.
        try source.run("VACUUM INTO ?1", .text(path))
        let copy = try Connection(.readWrite(path: path), path: path)
        try copy.execute(VaultFile.settings)
        try VaultFormat.upgrade(copy)
        try copy.transaction { () throws(VaultFailure) in try QuarantineMark.write(quarantine, copy) }
    }

    /// Gives the copy its name in one step; throws `.exists` where `replacing` is false and there is something already.
    func take(_ target: String, replacing: Bool) throws(VaultFailure) {
        do throws(FileFailure) {
            guard let bytes = try files.read(path, limit: .max) else { throw VaultFile.gone(path) }
            if replacing { try files.replace(target, with: bytes) } else { try files.create(target, with: bytes) }
        } catch {
            throw VaultFile.failure(error)
        }
    }
}

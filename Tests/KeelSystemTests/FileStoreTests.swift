import Glibc
import KeelBase
import KeelSystem
import KeelTestSupport
import Testing

struct FileStoreTests {
    private let files = SystemFileStore()

    @Test func `what is replaced or created is read back, and is the owner's alone`() async throws {
        try await withScratchDirectory { directory in
            let path = "\(directory)/state.json"
            #expect(try files.read(path, limit: 10) == nil)
            #expect(try files.mode(path) == nil)
            try files.create(path, with: [1, 2, 3])
            #expect(try files.read(path, limit: 3) == [1, 2, 3])
            try files.replace(path, with: [4])
            #expect(try files.read(path, limit: 3) == [4])
            #expect(try files.mode(path) == 0o600)
            #expect(ScratchDirectory.names(in: directory) == ["state.json"])
            let failure = #expect(throws: FileFailure.self) { try files.create(path, with: [5]) }
            #expect(failure?.code == .exists)
            #expect(try files.read(path, limit: 3) == [4])
            #expect(ScratchDirectory.names(in: directory) == ["state.json"])
        }
    }

    @Test func `a loose mode is tightened by the next replace, a tight umask is overruled`() async throws {
        try await withScratchDirectory { directory in
            await #expect(processExitsWith: .success) { [directory = directory as String] in
                let files = SystemFileStore()
                umask(0o777)
                try files.createDirectory("\(directory)/a/b/c")
                try files.replace("\(directory)/a/b/c/file", with: [1])
                _ = try files.lock("\(directory)/a/b/c/lock")
                let log = try files.openAppending("\(directory)/a/b/c/log")
                log.close()
                umask(0)
                try files.createDirectory("\(directory)/a/open")
                try files.create("\(directory)/a/open/file", with: [1])
            }
            for name in ["a", "a/b", "a/b/c", "a/open"] { #expect(try files.mode("\(directory)/\(name)") == 0o700) }
            for name in ["b/c/file", "b/c/lock", "b/c/log", "open/file"] {
                #expect(try files.mode("\(directory)/a/\(name)") == 0o600)
            }
            #expect(unsafe chmod("\(directory)/a/open/file", 0o666) == 0)
            try files.replace("\(directory)/a/open/file", with: [2])
            #expect(try files.mode("\(directory)/a/open/file") == 0o600)
        }
    }

    @Test func `what is rewritten keeps its permissions, and a link to it stays a link`() async throws {
        try await withScratchDirectory { directory in
            let path = "\(directory)/a.yaml"
            try files.create(path, with: [1])
            #expect(unsafe chmod(path, 0o664) == 0)
            #expect(unsafe symlink("a.yaml", "\(directory)/link") == 0)
            try files.rewrite("\(directory)/link", with: [2])
            #expect(try files.read(path, limit: 9) == [2])
            #expect(try files.mode(path) == 0o664)
            #expect(unsafe unlink(path) == 0)
            #expect(throws: FileFailure.self) { try files.rewrite("\(directory)/link", with: [3]) }
            #expect(ScratchDirectory.names(in: directory) == ["link"])
        }
    }

    @Test func `the limit counts what is there, also where the size is not known beforehand`() async throws {
        try await withScratchDirectory { directory in
            let path = "\(directory)/f"
            try files.replace(path, with: [UInt8](repeating: 7, count: 5000))
            #expect(try files.read(path, limit: 5000)?.count == 5000)
            let failure = #expect(throws: FileFailure.self) { try files.read(path, limit: 4999) }
            #expect(failure?.code == .tooLarge)
            #expect(try files.read("/proc/self/status", limit: 1 << 20)?.isEmpty == false)
            #expect(throws: FileFailure.self) { try files.read("/dev/zero", limit: 100_000) }
        }
    }

    @Test func `a failure names the path, the attempt and the reason, and leaves nothing behind`() async throws {
        try await withScratchDirectory { directory in
            let absent = "\(directory)/none/file"
            let failure = #expect(throws: FileFailure.self) { try files.replace(absent, with: [1]) }
            #expect(failure?.operation == "open")
            #expect(failure?.reason == "No such file or directory")
            #expect(failure?.path == absent)
            #expect(#expect(throws: FileFailure.self) { try files.read(directory, limit: 10) }?.code == .isDirectory)
            // A directory stands where the file should go: the rename fails, and its temporary file goes.
            try files.createDirectory("\(directory)/taken")
            #expect(throws: FileFailure.self) { try files.replace("\(directory)/taken", with: [1]) }
            #expect(ScratchDirectory.names(in: directory) == ["taken"])
            try files.create("\(directory)/file", with: [])
            let through = #expect(throws: FileFailure.self) { try files.read("\(directory)/file/x", limit: 1) }
            #expect(through?.code == .notDirectory)
            #expect(throws: FileFailure.self) { try files.createDirectory("\(directory)/file") }
        }
    }

    @Test func `what a killed writer left is removed, what a living one holds is not`() async throws {
        try await withScratchDirectory { directory in
            let path = "\(directory)/state"
            try files.create("\(directory)/.state.tmp-dead", with: [1])
            try files.create("\(directory)/.state.tmp-live", with: [1])
            try files.create("\(directory)/.other.tmp-dead", with: [1])
            let held = try #require(try files.lock("\(directory)/.state.tmp-live"))
            try files.replace(path, with: [2])
            #expect(ScratchDirectory.names(in: directory) == [".other.tmp-dead", ".state.tmp-live", "state"])
            held.unlock()
            try files.replace(path, with: [3])
            #expect(ScratchDirectory.names(in: directory) == [".other.tmp-dead", "state"])
        }
    }

    @Test func `what killed writers left of any file in a directory is swept away, and nothing else`() async throws {
        try await withScratchDirectory { directory in
            let names = [".a.txt.tmp-dead", ".b.txt.tmp-live", "b.txt", ".hidden", "c.tmp-mine"]
            for name in names { try files.create("\(directory)/\(name)", with: [1]) }
            let held = try #require(try files.lock("\(directory)/.b.txt.tmp-live"))
            files.removeLeftovers(in: directory)
            #expect(ScratchDirectory.names(in: directory) == names.dropFirst().sorted())
            held.unlock()
        }
    }

    @Test func `many replace one file at once and none is ever half there`() async throws {
        try await withScratchDirectory { directory in
            let path = "\(directory)/state"
            try await withThrowingTaskGroup(of: Void.self) { group in
                for writer in 0..<4 {
                    group.addTask {
                        for _ in 0..<25 {
                            try files.replace(path, with: [UInt8](repeating: UInt8(writer), count: 9000))
                            let seen = try #require(try files.read(path, limit: 9000))
                            #expect(seen.count == 9000 && Set(seen).count == 1)
                        }
                    }
                }
                try await group.waitForAll()
            }
            #expect(ScratchDirectory.names(in: directory) == ["state"])
        }
    }

    @Test func `appending adds, survives reopening, and ends with closing`() async throws {
        try await withScratchDirectory { directory in
            let path = "\(directory)/journal"
            let first = try files.openAppending(path)
            try first.append(Array("one\n".utf8))
            try first.synchronize()
            first.close()
            first.close()
            #expect(throws: FileFailure.self) { try first.append([1]) }
            #expect(throws: FileFailure.self) { try first.synchronize() }
            let second = try files.openAppending(path)
            try second.append(Array("two\n".utf8))
            #expect(try files.read(path, limit: 100) == Array("one\ntwo\n".utf8))
        }
    }

    @Test func `a line for which there is no room is taken back`() async throws {
        try await withScratchDirectory { directory in
            let path = "\(directory)/journal"
            await #expect(processExitsWith: .success) { [path = path as String] in
                signal(SIGXFSZ, SIG_IGN)
                var limit = rlimit(rlim_cur: 10, rlim_max: 10)
                #expect(unsafe setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit) == 0)
                let file = try SystemFileStore().openAppending(path)
                try file.append(Array("12345\n".utf8))
                let failure = #expect(throws: FileFailure.self) { try file.append(Array("6789012\n".utf8)) }
                #expect(failure?.code == .tooLarge)
                try file.append(Array("678\n".utf8))
            }
            let written = try files.read(path, limit: 100)
            #expect(written == Array("12345\n678\n".utf8))
        }
    }

    @Test func `the head of a file is what it begins with, and its size`() async throws {
        try await withScratchDirectory { directory in
            let path = "\(directory)/f"
            #expect(try files.head(of: path, count: 4) == nil)
            try files.replace(path, with: Array("0123456789".utf8))
            #expect(try files.head(of: path, count: 4) == FileHead(bytes: Array("0123".utf8), size: 10))
            #expect(try files.head(of: path, count: 99) == FileHead(bytes: Array("0123456789".utf8), size: 10))
            #expect(throws: FileFailure.self) { try files.head(of: directory, count: 4) }
        }
    }

    @Test func `what is preserved stays when its file is replaced or removed`() async throws {
        try await withScratchDirectory { directory in
            let (path, kept) = ("\(directory)/state", "\(directory)/kept")
            try files.replace(path, with: [1])
            try files.preserve(path, as: kept)
            // Again is no failure: an earlier attempt may have been cut off.
            try files.preserve(path, as: kept)
            #expect(inode(path) == inode(kept))
            try files.replace(path, with: [2])
            #expect(try files.read(kept, limit: 9) == [1])
            let failure = #expect(throws: FileFailure.self) { try files.preserve(path, as: kept) }
            #expect(failure?.code == .exists && failure?.path == kept)
            try files.replace(path, with: [1])
            try files.preserve(path, as: kept)
            try files.remove(path)
            #expect(try files.read(kept, limit: 9) == [1])
            #expect(try files.mode(kept) == 0o600)
            #expect(ScratchDirectory.names(in: directory) == ["kept"])
        }
    }

    @Test func `of a link the file is preserved, and where none can be made there is a copy`() async throws {
        try await withScratchDirectory { directory in
            try files.replace("\(directory)/file", with: [1])
            #expect(unsafe symlink("file", "\(directory)/link") == 0)
            try files.preserve("\(directory)/link", as: "\(directory)/kept")
            try files.replace("\(directory)/file", with: [2])
            #expect(try files.read("\(directory)/kept", limit: 9) == [1])
            // Another file system: no link leads there.
            guard let other = try? ScratchDirectory.make(below: "/dev/shm") else { return }
            defer { ScratchDirectory.remove(other) }
            try files.preserve("\(directory)/file", as: "\(other)/kept")
            try files.preserve("\(directory)/file", as: "\(other)/kept")
            #expect(try files.read("\(other)/kept", limit: 9) == [2])
            #expect(ScratchDirectory.names(in: other) == ["kept"])
            #expect(throws: FileFailure.self) { try files.preserve("\(directory)/none", as: "\(directory)/x") }
        }
    }

    private func inode(_ path: String) -> UInt {
        var value = stat()
        return unsafe stat(path, &value) == 0 ? UInt(value.st_ino) : 0
    }

    @Test func `a lock excludes, is freed by unlocking, and survives the removal of its file`() async throws {
        try await withScratchDirectory { directory in
            let path = "\(directory)/lock"
            let first = try #require(try files.lock(path))
            #expect(try files.lock(path) == nil)
            first.unlock()
            let second = try #require(try files.lock(path))
            try files.remove(path)
            let third = try #require(try files.lock(path))
            second.unlock()
            #expect(try files.lock(path) == nil)
            third.unlock()
            third.unlock()
        }
    }

    @Test func `links are read through, but not locked or appended to`() async throws {
        try await withScratchDirectory { directory in
            try files.create("\(directory)/target", with: [9])
            #expect(unsafe symlink("target", "\(directory)/link") == 0)
            #expect(try files.read("\(directory)/link", limit: 1) == [9])
            let failure = #expect(throws: FileFailure.self) { try files.lock("\(directory)/link") }
            #expect(failure?.reason.contains("symbolic link") == true)
            #expect(throws: FileFailure.self) { try files.openAppending("\(directory)/link") }
        }
    }

    @Test func `a directory is listed in byte order with kinds, and removing twice is no failure`() async throws {
        try await withScratchDirectory { directory in
            for name in ["b", "a", "Z", "é"] { try files.create("\(directory)/\(name)", with: []) }
            try files.createDirectory("\(directory)/d/e")
            try files.createDirectory("\(directory)/d/e")
            #expect(unsafe symlink("d", "\(directory)/link") == 0)
            #expect(unsafe symlink("nowhere", "\(directory)/broken") == 0)
            #expect(
                try files.list(directory) == [
                    DirectoryEntry(name: "Z", kind: .file), DirectoryEntry(name: "a", kind: .file),
                    DirectoryEntry(name: "b", kind: .file), DirectoryEntry(name: "broken", kind: .other),
                    DirectoryEntry(name: "d", kind: .directory), DirectoryEntry(name: "link", kind: .other),
                    DirectoryEntry(name: "é", kind: .file),
                ])
            try files.remove("\(directory)/a")
            try files.remove("\(directory)/a")
            #expect(throws: FileFailure.self) { try files.list("\(directory)/none") }
        }
    }
}

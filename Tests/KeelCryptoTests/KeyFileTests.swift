import KeelBase
import KeelCrypto
import KeelTestSupport
import Synchronization
import Testing

/// Files in memory, as far as key files need them.
private final class MemoryFiles: FileStore {
    let content = Mutex<[String: [UInt8]]>([:])
    let bits: UInt32
    /// What another process writes just before a file is made.
    let rival: [String: String]

    init(_ content: [String: String] = [:], mode: UInt32 = 0o600, rival: [String: String] = [:]) {
        self.rival = rival
        self.content.withLock { $0 = content.mapValues { Array($0.utf8) } }
        bits = mode
    }

    func read(_ path: String, limit: Int) throws(FileFailure) -> [UInt8]? { content.withLock { $0[path] } }
    func create(_ path: String, with bytes: [UInt8]) throws(FileFailure) {
        let isNew = content.withLock { files in
            defer { files[path] = files[path] ?? bytes }
            return files[path] == nil
        }
        guard isNew else { throw FileFailure(code: .exists, path: path, operation: "link", reason: "File exists") }
    }
    func mode(_ path: String) throws(FileFailure) -> UInt32? { content.withLock { $0[path] } == nil ? nil : bits }
    func createDirectory(_ path: String) throws(FileFailure) {
        content.withLock { files in for (path, text) in rival { files[path] = Array(text.utf8) } }
    }
    func replace(_ path: String, with bytes: [UInt8]) throws(FileFailure) { throw unused(path) }
    func openAppending(_ path: String) throws(FileFailure) -> any AppendingFile { throw unused(path) }
    func removeLeftovers(of path: String) {}
    func remove(_ path: String) throws(FileFailure) { throw unused(path) }
    func list(_ path: String) throws(FileFailure) -> [DirectoryEntry] { throw unused(path) }
    func lock(_ path: String) throws(FileFailure) -> (any FileLock)? { throw unused(path) }
    private func unused(_ path: String) -> FileFailure {
        FileFailure(code: .other, path: path, operation: "none", reason: "not for this test")
    }
}

struct KeyFileTests {
    private static let text = "mailkeel-key-v1:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"

    @Test func `a created key is read back, and a second one is refused`() throws {
        let files = MemoryFiles()
        #expect(try KeyFile.load("/k/key", files) == nil)
        let key = try KeyFile.create("/k/key", files)
        #expect(key.count == 32)
        #expect(try KeyFile.load("/k/key", files)?.matches(key) == true)
        let text = String(decoding: files.content.withLock { $0["/k/key"] } ?? [], as: UTF8.self)
        #expect(text.hasPrefix("mailkeel-key-v1:"))
        #expect(text.hasSuffix("\n") && text.utf8.count == 16 + 43 + 1)
        #expect(throws: KeyFileFailure.self) { try KeyFile.create("/k/key", files) }
        let again = try KeyFile.loadOrCreate("/k/key", files)
        #expect(again.key.matches(key) && !again.isNew)
        #expect(try KeyFile.loadOrCreate("/k/other", files).isNew)
    }

    @Test func `of two processes that make a key at once, the faster one's counts for both`() throws {
        let made = try KeyFile.loadOrCreate("/k/key", MemoryFiles(rival: ["/k/key": Self.text]))
        #expect(made.key.reveal() == Array(0..<32))
        #expect(!made.isNew)
    }

    @Test(arguments: [text, text + "\n"])
    func `the line end does not matter`(text: String) throws {
        let key = try KeyFile.load("key", MemoryFiles(["key": text]))
        #expect(key?.reveal() == Array(0..<32))
    }

    @Test(arguments: [
        "", "\n", "mailkeel-key-v1:", "mailkeel-key-v2:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8",
        text + "A", String(text.dropLast()), text + "\n\n", " " + text, text + "\n" + text,
        "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8",
    ])
    func `anything else is refused`(text: String) {
        let failure = #expect(throws: KeyFileFailure.self) { try KeyFile.load("key", MemoryFiles(["key": text])) }
        #expect(failure?.code == .malformed)
    }

    @Test func `a path that cannot be is named once`() {
        let store = InMemoryFileStore()
        store.fail("/k/key", with: .notDirectory)
        let failure = #expect(throws: KeyFileFailure.self) { try KeyFile.load("/k/key", store) }
        #expect(failure?.code == .inaccessible)
        #expect(failure?.description.hasPrefix("key file /k/key: ") == true)
        #expect(failure?.reason.contains("/k/key") == false)
    }

    @Test(arguments: [0o640, 0o604, 0o660, 0o601, 0o644] as [UInt32])
    func `a key that others can reach is refused`(mode: UInt32) {
        let failure = #expect(throws: KeyFileFailure.self) {
            try KeyFile.load("key", MemoryFiles(["key": Self.text], mode: mode))
        }
        #expect(failure?.code == .tooOpen)
        #expect(failure?.description.contains("AAEC") == false)
    }
}

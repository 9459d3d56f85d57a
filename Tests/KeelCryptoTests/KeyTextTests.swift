import KeelBase
import KeelCrypto
import KeelSystem
import KeelTestSupport
import Testing

struct KeyTextTests {
    private static let bytes = Array(UInt8(0)..<32)

    @Test(arguments: [
        "mailkeel-key-v1:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8",
        "mailkeel-key-v1:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8\n",
        "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8", "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\r\n",
        "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f\n",
    ])
    func `a key is read in every form that secret stores give it`(text: String) {
        #expect(KeyText.keys(in: Secret(copying: text))?.map { $0.reveal() } == [Self.bytes])
    }

    @Test func `standard base 64 with all its characters is read`() {
        let bytes = [UInt8](repeating: 0xFB, count: 31) + [0xFF]
        let text = Base64.text(bytes)
        #expect(text.contains("+") && text.hasSuffix("="))
        #expect(KeyText.keys(in: Secret(copying: text))?.first?.reveal() == bytes)
    }

    @Test(arguments: ["", "secret", "00", "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8AAAA", "mailkeel-key-v2:AA"])
    func `anything else is no key`(text: String) {
        #expect(KeyText.keys(in: Secret(copying: text)) == nil)
    }

    @Test func `a new key comes before those in the file, which stay`() async throws {
        try await withScratchDirectory { directory in
            let (path, files) = (directory + "/k/vault.key", SystemFileStore())
            let first = try KeyFile.add(to: path, files)
            let second = try KeyFile.add(to: path, files)
            let keys = try KeyFile.loadAll(path, files)
            #expect(keys.count == 2 && keys[0].matches(second) && keys[1].matches(first))
            #expect(try KeyFile.load(path, files)?.matches(second) == true)
            #expect(try files.mode(path) == 0o600)
        }
    }

    @Test func `processes that add keys at once keep them all, or are told`() async throws {
        try await withScratchDirectory { directory in
            let (path, files) = (directory + "/vault.key", SystemFileStore())
            _ = try KeyFile.create(path, files)
            let added = await withTaskGroup(of: Bool.self) { group in
                for _ in 0..<8 { group.addTask { (try? KeyFile.add(to: path, files)) != nil } }
                return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
            }
            #expect(added > 0)
            #expect(try KeyFile.loadAll(path, files).count == added + 1)
        }
    }

    @Test func `nothing is added to a file that holds no key, or that others can read`() async throws {
        try await withScratchDirectory { directory in
            let (path, files) = (directory + "/vault.key", SystemFileStore())
            try files.create(path, with: Array("nonsense".utf8))
            let failure = #expect(throws: KeyFileFailure.self) { try KeyFile.add(to: path, files) }
            #expect(failure?.code == .malformed)
            #expect(try files.read(path, limit: 99) == Array("nonsense".utf8))
        }
    }
}

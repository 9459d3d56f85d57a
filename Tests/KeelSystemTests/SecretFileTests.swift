import Glibc
import KeelBase
import KeelSystem
import KeelTestSupport
import Testing

struct SecretFileTests {
    private let files = SystemFileStore()

    @Test(arguments: [
        ("pw", "pw"), ("pw\n", "pw"), ("pw\r\n", "pw"), ("pw\n\n", "pw\n"), (" pw ", " pw "), ("pw\r", "pw\r"),
        ("a\nb\n", "a\nb"), ("\n\n", "\n"),
    ])
    func `one line end is taken away and nothing else`(content: String, secret: String) async throws {
        try await withScratchDirectory { directory in
            try files.create("\(directory)/s", with: Array(content.utf8))
            #expect(try SecretFile.read("\(directory)/s").revealText() == secret)
        }
    }

    @Test func `each reason to refuse has its code`() async throws {
        try await withScratchDirectory { directory in
            func code(_ name: String) -> SecretFileFailure.Code? {
                #expect(throws: SecretFileFailure.self) { try SecretFile.read("\(directory)/\(name)") }?.code
            }
            for (name, content) in [("empty", 0), ("large", 65537), ("fits", 65536)] {
                try files.create("\(directory)/\(name)", with: [UInt8](repeating: 65, count: content))
            }
            try files.create("\(directory)/line", with: Array("\n".utf8))
            #expect(unsafe mkfifo("\(directory)/pipe", 0o600) == 0)
            try files.createDirectory("\(directory)/directory")
            #expect(code("none") == .missing)
            #expect(code("empty") == .empty)
            #expect(code("line") == .empty)
            #expect(code("large") == .tooLarge)
            #expect(code("pipe") == .notAFile)
            #expect(code("directory") == .notAFile)
            #expect(try SecretFile.read("\(directory)/fits").count == 65536)
            for mode: mode_t in [0o640, 0o604, 0o620, 0o644] {
                #expect(unsafe chmod("\(directory)/fits", mode) == 0)
                #expect(code("fits") == .tooOpen)
            }
            #expect(unsafe chmod("\(directory)/fits", 0o400) == 0)
            #expect(unsafe symlink("fits", "\(directory)/mounted") == 0)
            #expect(try SecretFile.read("\(directory)/mounted").count == 65536)
        }
    }
}

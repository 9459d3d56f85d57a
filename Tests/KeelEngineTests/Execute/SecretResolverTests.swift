import Glibc
import KeelBase
import KeelEngine
import KeelSystem
import KeelTestSupport
import Testing

struct SecretResolverTests {
    private static func resolver(_ environment: [String: String] = [:], _ directory: String = "") -> SecretResolver {
        SecretResolver(environment: ProcessEnvironment(environment)) { "\(directory)/\($0)" }
    }

    private static func failure(_ source: SecretSource, _ resolver: SecretResolver) -> SecretFailure? {
        #expect(throws: SecretFailure.self) { _ = try resolver.resolve(source) }
    }

    @Test func `a variable gives its value as it is`() throws {
        let secret = try Self.resolver(["NAME": " s3cret\n"]).resolve(SecretSource(.environment("NAME")))
        #expect(secret.revealText() == " s3cret\n")
    }

    @Test func `a variable that is not set and one that is empty are told apart`() {
        let unset = Self.failure(SecretSource(.environment("NAME")), Self.resolver())
        let empty = Self.failure(SecretSource(.environment("NAME")), Self.resolver(["NAME": ""]))
        #expect(unset?.code == .variableNotSet)
        #expect(unset?.reason == "the environment variable NAME is not set")
        #expect(empty?.code == .empty)
        #expect(empty?.reason == "the environment variable NAME is empty")
    }

    @Test func `a file is read from the project's directory, without the line end that editors add`() async throws {
        try await withScratchDirectory { directory in
            try SystemFileStore().create("\(directory)/secret", with: Array("s3cret\n".utf8))
            let secret = try Self.resolver([:], directory).resolve(SecretSource(.file("secret")))
            #expect(secret.revealText() == "s3cret")
        }
    }

    @Test func `a file that is missing says so`() async throws {
        try await withScratchDirectory { directory in
            let failure = Self.failure(SecretSource(.file("secret")), Self.resolver([:], directory))
            #expect(failure?.code == .fileUnusable)
            #expect(failure?.reason.contains("\(directory)/secret") == true)
            #expect(failure?.remedy == "create it with mode 0600")
        }
    }

    @Test func `a file that others may read is refused, with what mends it`() async throws {
        try await withScratchDirectory { directory in
            let path = "\(directory)/secret"
            try SystemFileStore().create(path, with: Array("s3cret".utf8))
            #expect(unsafe chmod(path, 0o644) == 0)
            let failure = Self.failure(SecretSource(.file("secret")), Self.resolver([:], directory))
            #expect(failure?.code == .fileUnusable)
            #expect(failure?.remedy.contains("chmod 600") == true)
            #expect(failure?.reason.contains("s3cret") == false)
        }
    }

    @Test func `a file that holds nothing is empty`() async throws {
        try await withScratchDirectory { directory in
            try SystemFileStore().create("\(directory)/secret", with: Array("\n".utf8))
            let failure = Self.failure(SecretSource(.file("secret")), Self.resolver([:], directory))
            #expect(failure?.code == .empty)
        }
    }

    @Test(arguments: [
        (SecretSource(.command(["pass", "show", "desk"])), "fromCommand"), (SecretSource(.vault("desk")), "fromVault"),
    ])
    func `sources that this version does not read are refused, not run`(source: SecretSource, key: String) {
        let failure = Self.failure(source, Self.resolver())
        #expect(failure?.code == .sourceNotSupported)
        #expect(failure?.reason.contains(key) == true)
        #expect(failure?.remedy == "use fromEnv or fromFile")
    }

    @Test func `a variable's name is cleaned before it is shown`() {
        let failure = Self.failure(SecretSource(.environment("NA\u{1B}ME")), Self.resolver())
        #expect(failure?.reason.contains("\u{1B}") == false)
    }
}

import KeelBase
import KeelSystem
import KeelTestSupport
import Testing

/// The `openssl` command, as the other side: it makes what is read, and checks what is made.
struct OpenSSL {
    private let directory: String

    /// Runs `body` with the command in a directory of its own, where `rsa.pem` and `p256.pem` are the keys of RFC 7515.
    static func run<Result>(_ body: (OpenSSL) async throws -> Result) async throws -> Result {
        try await withScratchDirectory { directory in
            let openSSL = OpenSSL(directory: directory)
            try openSSL.write("rsa.pem", Array(StandardKeys.rsa.utf8))
            try openSSL.write("p256.pem", Array(StandardKeys.p256.utf8))
            return try await body(openSSL)
        }
    }

    func write(_ name: String, _ content: [UInt8]) throws {
        try SystemFileStore().create("\(directory)/\(name)", with: content)
    }

    /// What the shell script printed; it runs beside the keys.
    @discardableResult
    func callAsFunction(_ script: String) async throws -> Secret {
        let result = try await SystemProcessRunner().run(
            ProcessRequest(
                ["/bin/sh", "-ec", script], environment: ["PATH": Secret(copying: "/usr/bin:/bin")],
                directory: directory, timeLimit: .seconds(60), outputLimit: 65_536))
        try #require(result.ending == .exited(0), "\(result.complaint)")
        return result.output
    }
}

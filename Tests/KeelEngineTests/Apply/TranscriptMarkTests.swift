import KeelBase
import KeelEngine
import KeelTestSupport
import Testing

/// What stands for a credential in the transcripts that apply and test leave.
struct TranscriptMarkTests {
    private static func transcripts(_ rig: EngineRig, of account: ResourceAddress) throws -> [String] {
        let place = "\(rig.paths.transcripts)/\(account)"
        return try rig.files.list(place).map(\.name).sorted().map { try #require(try rig.text("\(place)/\($0)")) }
    }

    /// What stands in brackets behind the credential's length.
    private static func mark(_ transcript: String) throws -> Substring {
        let shown = try #require(transcript.firstRange(of: " bytes) ["))
        return transcript[shown.upperBound...].prefix { $0 != "]" }
    }

    @Test func `a credential has the same mark in both, which the project's key makes`() async throws {
        try await EngineRig.run { rig in
            var manifests = Manifests()
            manifests.alpha.debug = true
            try rig.write(manifests)
            #expect(try await rig.apply().failures.isEmpty)
            rig.clock.advance(seconds: 60)
            var findings: [String] = []
            let accessor = VaultAccessor(paths: rig.paths, files: rig.files, time: rig.clock)
            let marks = try #require(await accessor.transcriptMarks(&findings))
            _ = try await rig.test([EngineRig.alpha], marks: marks)
            let texts = try Self.transcripts(rig, of: EngineRig.alpha)
            #expect(
                try texts.map(Self.mark).map(String.init)
                    == Array(repeating: marks(Secret(copying: "token-1")), count: 2))
            #expect(!texts.joined().contains("token-1") && findings.isEmpty)
        }
    }

    @Test func `an apply without the project's key leaves lengths, and fails by nothing`() async throws {
        try await EngineRig.run { rig in
            // Nothing else of the second run needs the key.
            try await rig.apply()
            var manifests = Manifests()
            manifests.alpha.debug = true
            manifests.alpha.port = 1993
            rig.mail.set(HostPort(host: "mail.example.com", port: 1993), nil)
            try rig.write(manifests)
            try rig.files.replace(rig.paths.projectKey, with: Array("no key".utf8))
            let report = try await rig.apply()
            #expect(report.failures.isEmpty, "\(report.codes)")
            #expect(
                report.findings.contains { $0.hasPrefix("transcripts say of credentials only how long they are: ") })
            let texts = try Self.transcripts(rig, of: EngineRig.alpha)
            #expect(texts.count == 1 && texts[0].contains(" bytes)") && !texts[0].contains(" bytes) ["))
        }
    }
}

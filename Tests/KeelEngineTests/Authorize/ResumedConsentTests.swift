import KeelBase
import KeelDiagnostics
import KeelOAuth
import KeelPlan
import KeelTestSupport
import KeelVault
import Testing

@testable import KeelEngine

/// A consent that another process finishes, and answers of which a part is missing.
struct ResumedConsentTests {
    private static let two = Manifests.person().replacing("[mail.imap]", with: "[mail.imap, mail.send]")

    // MARK: What was asked for

    @Test(arguments: [false, true])
    func `a consent is not taken for a scope that it was not asked for`(isDevice: Bool) async throws {
        let manifest = isDevice ? ConsentRig.device : Manifests.person()
        try await ConsentRig.run(manifest) { rig, vault, authorizer, request in
            rig.person.allow(code: "c0de")
            if isDevice {
                _ = try await authorizer.beginDevice(request)
            } else {
                _ = try await ConsentRig.begin(authorizer, request)
            }
            try rig.write(manifest.replacing("[mail.imap]", with: "[mail.imap, mail.send]"))
            let wider = try await ConsentRig.request(rig)
            let failure = try await ConsentRig.failure {
                if isDevice {
                    _ = try await authorizer.resumeDevice(wider)
                } else {
                    _ = try await authorizer.resumeCode(wider)
                }
            }
            #expect(failure.diagnostic.code == "authorize.other-scopes")
            #expect(failure.diagnostic.message.contains("mail.send"))
            #expect(failure.diagnostic.help?.contains("--start") == true)
            #expect(try await vault.flows().count == 1, "who takes the change back can go on with it")
        }
    }

    /// The server's answers name no scope, which means those that were asked for (RFC 6749 section 5.1).
    @Test(arguments: [false, true])
    func `what was granted is what was asked for then, and not what the manifest says now`(
        isRescued: Bool
    ) async throws {
        try await ConsentRig.run(Self.two) { rig, vault, authorizer, request in
            rig.person.allow(code: "c0de")
            let link = try await ConsentRig.begin(authorizer, request)
            try rig.write(Manifests.person())
            let begun = try #require(try await authorizer.resumeCode(try await ConsentRig.request(rig)))
            if isRescued {
                rig.transport.respond { _ throws(ConnectionFailure) in
                    .json(
                        .object([
                            .init("access_token", "a"), .init("token_type", "mac"), .init("refresh_token", "kept"),
                        ]))
                }
                _ = try await ConsentRig.failure {
                    _ = try await authorizer.redeem(begun, try ConsentRig.answer(to: link))
                }
            } else {
                _ = try await authorizer.redeem(begun, try ConsentRig.answer(to: link))
            }
            let grants = try await vault.snapshot().grants.values
            #expect(grants.map(\.status) == [.candidate])
            #expect(grants.first.map { Set($0.scopes) } == ["mail.imap", "mail.send"])
        }
    }

    // MARK: Parts of an answer

    @Test(arguments: ["state", "code", "neither"])
    func `an address that was cut off spends nothing, and the whole one is still taken`(part: String) async throws {
        try await ConsentRig.run { rig, vault, authorizer, request in
            rig.person.allow(code: "c0de")
            let begun = try await ConsentRig.begin(authorizer, request)
            let state = try ConsentRig.state(of: begun)
            let query = ["state": "state=\(state)", "code": "code=c0de"][part] ?? "scope=mail.imap"
            let answer = try RedirectAnswer(pasted: Secret(copying: "http://127.0.0.1:4711/?\(query)"))
            let failure = try await ConsentRig.failure { _ = try await authorizer.redeem(begun, answer) }
            #expect(failure.diagnostic.code == "oauth.unusable_answer")
            #expect(failure.diagnostic.notes.contains { $0.message.contains("cut off") })
            #expect(failure.diagnostic.help?.contains("--resume") == true)
            #expect(failure.diagnostic.responsible == .operatorHere)
            #expect(try await vault.flows().count == 1)
            let resumed = try #require(try await authorizer.resumeCode(request))
            _ = try await authorizer.redeem(resumed, try ConsentRig.answer(to: begun))
            #expect(rig.person.redeemed == ["c0de"])
        }
    }
}

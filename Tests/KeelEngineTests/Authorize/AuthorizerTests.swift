import KeelBase
import KeelDiagnostics
import KeelOAuth
import KeelPlan
import KeelState
import KeelTestSupport
import KeelVault
import Synchronization
import Testing

@testable import KeelEngine

/// A person's consent, from the link to the candidate that the next plan adopts.
@Suite struct AuthorizerTests {
    @Test("A consent becomes a candidate that the next plan adopts and the next apply puts into service")
    func adopted() async throws {
        try await ConsentRig.run { rig, vault, authorizer, request in
            #expect(request.slot == ConsentRig.slot && request.accounts == [ResourceAddress(.emailAccount, "one")])
            rig.person.allow(code: "c0de")
            let begun = try await ConsentRig.begin(authorizer, request)
            let given = try await authorizer.redeem(begun, try ConsentRig.answer(to: begun))
            #expect(given.slot == ConsentRig.slot)
            let snapshot = try await vault.snapshot()
            #expect(snapshot.grants.values.map(\.status) == [.candidate])
            #expect(snapshot.intents.isEmpty)
            #expect(try await vault.flows().isEmpty)
            #expect(try await vault.audit(atMost: 9).map(\.entry.action) == ["authorize"])

            let report = try await rig.apply()
            #expect(report.failures.isEmpty && report.pending.isEmpty)
            #expect(try rig.record(ConsentRig.slot).committed?.grant == given.grant)
            #expect(rig.person.redeemed == ["c0de"])
        }
    }

    @Test("An answer without the state of the request spends nothing; the right one is still taken")
    func stranger() async throws {
        try await ConsentRig.run { rig, vault, authorizer, request in
            rig.person.allow(code: "c0de")
            let begun = try await ConsentRig.begin(authorizer, request)
            let strange = try RedirectAnswer(query: Secret(copying: "code=evil&state=guess"))
            #expect(!begun.recognizes(Secret(copying: "code=evil&state=guess")))
            let failure = try await ConsentRig.failure { _ = try await authorizer.redeem(begun, strange) }
            #expect(failure.diagnostic.severity == .error)
            #expect(rig.person.redeemed.isEmpty)
            _ = try await authorizer.redeem(begun, try ConsentRig.answer(to: begun))
        }
    }

    @Test("A person who declines ends the consent, and nothing is stored")
    func declined() async throws {
        try await ConsentRig.run { rig, vault, authorizer, request in
            let begun = try await ConsentRig.begin(authorizer, request)
            guard case .link(let link) = begun.consent.ask else { throw ConsentRig.NoLink() }
            let state = try #require(link.split(separator: "&").first { $0.hasPrefix("state=") })
            let refusal = try RedirectAnswer(query: Secret(copying: "error=access_denied&\(state)"))
            let failure = try await ConsentRig.failure { _ = try await authorizer.redeem(begun, refusal) }
            #expect(failure.diagnostic.code == "oauth.access_denied")
            #expect(try await vault.flows().isEmpty)
            #expect(try await vault.snapshot().grants.isEmpty)
        }
    }

    @Test("One of two processes with the same answer redeems the code")
    func twice() async throws {
        try await ConsentRig.run { rig, vault, authorizer, request in
            rig.person.allow(code: "c0de")
            let begun = try await ConsentRig.begin(authorizer, request)
            let other = try #require(try await ConsentRig.authorizer(rig, vault, run: "run-2").resumeCode(request))
            _ = try await authorizer.redeem(begun, try ConsentRig.answer(to: begun))
            let failure = try await ConsentRig.failure {
                _ = try await ConsentRig.authorizer(rig, vault, run: "run-2").redeem(
                    other, try ConsentRig.answer(to: begun))
            }
            #expect(failure.diagnostic.code == "authorize.finished-elsewhere")
            #expect(rig.person.redeemed == ["c0de"])
        }
    }

    @Test("A refused code leaves nothing behind")
    func refused() async throws {
        try await ConsentRig.run { rig, vault, authorizer, request in
            rig.person.refuse(with: "invalid_grant")
            let begun = try await ConsentRig.begin(authorizer, request)
            _ = try await ConsentRig.failure {
                _ = try await authorizer.redeem(begun, try ConsentRig.answer(to: begun))
            }
            let snapshot = try await vault.snapshot()
            #expect(snapshot.grants.isEmpty && snapshot.intents.isEmpty)
        }
    }

    @Test("A code whose answer was lost is not sent again, and the next run says once what may be left at the provider")
    func lost() async throws {
        try await ConsentRig.run { rig, vault, authorizer, request in
            rig.person.allow(code: "c0de")
            rig.person.loseNextAnswer()
            let begun = try await ConsentRig.begin(authorizer, request)
            let failure = try await ConsentRig.failure {
                _ = try await authorizer.redeem(begun, try ConsentRig.answer(to: begun))
            }
            #expect(failure.diagnostic.notes.contains { $0.message.contains("may have been redeemed") })
            #expect(rig.person.redeemed == ["c0de"])
            #expect(try await authorizer.lostRedemptions(of: [request]).isEmpty, "it may be at work still")
            rig.clock.advance(seconds: 300)
            #expect(try await authorizer.lostRedemptions(of: [request]).count == 1)
            #expect(try await authorizer.lostRedemptions(of: [request]).isEmpty)
        }
    }

    @Test("A consent that another application asked for is not finished for this one")
    func otherClient() async throws {
        try await ConsentRig.run { rig, vault, authorizer, request in
            _ = try await ConsentRig.begin(authorizer, request)
            try rig.write(Manifests.person().replacing("app-2", with: "app-3"))
            let changed = try await ConsentRig.request(rig)
            let failure = try await ConsentRig.failure { _ = try await authorizer.resumeCode(changed) }
            #expect(failure.diagnostic.code == "authorize.other-client")
        }
    }

    @Test("An expired consent cannot be finished")
    func expired() async throws {
        try await ConsentRig.run { rig, vault, authorizer, request in
            rig.person.allow(code: "c0de")
            let begun = try await ConsentRig.begin(authorizer, request)
            rig.clock.advance(seconds: 601)
            #expect(try await authorizer.resumeCode(request) == nil)
            let failure = try await ConsentRig.failure {
                _ = try await authorizer.redeem(begun, try ConsentRig.answer(to: begun))
            }
            #expect(failure.diagnostic.code == "authorize.finished-elsewhere")
            #expect(rig.person.redeemed.isEmpty)
        }
    }
}

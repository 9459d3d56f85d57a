import KeelBase
import KeelDiagnostics
import KeelPlan
import KeelVault

/// Consents that wait in the vault.
extension Authorizer {
    func draft(_ kind: FlowDraft.Kind, _ request: ConsentRequest, _ lifetime: Int64) -> FlowDraft {
        FlowDraft(
            kind: kind, profile: request.work.profile.name, subject: request.work.subject,
            clientDigest: request.client.digest, run: run, expires: time.now.adding(seconds: lifetime))
    }

    /// What waits for the slot, opened; nil if nothing does.
    func opened(_ kind: FlowDraft.Kind, _ request: ConsentRequest) async throws(StepFailure) -> OpenedFlow? {
        let opened = try await inVault { vault throws(VaultFailure) -> OpenedFlow? in
            guard
                let flow = try await vault.flow(profile: request.work.profile.name, subject: request.work.subject),
                flow.draft.kind == kind
            else { return nil }
            return try await vault.opened(flow.id)
        }
        guard let opened else { return nil }
        guard opened.flow.draft.clientDigest == request.client.digest else {
            throw StepFailure(
                Diagnostic(
                    .error, "authorize.other-client",
                    "the consent that waits for \(request.slot) was asked for by another application than the manifest names now",
                    help: "begin anew: `\(command(request, "--start"))`", address: request.slot,
                    responsible: .operatorHere))
        }
        return opened
    }

    /// An answer that names no scope gives what was asked for with it (RFC 6749 section 5.1), which is what the manifest said
    /// then. What it asks for beyond that since, nobody has consented to.
    func checkAsked(_ scopes: [String], _ request: ConsentRequest) throws(StepFailure) {
        let missing = ScopeComparison.missing(request.client.scopes, from: scopes)
        guard !missing.isEmpty else { return }
        throw StepFailure(
            Diagnostic(
                .error, "authorize.other-scopes",
                "the consent that waits for \(request.slot) was asked for without \(ForeignText(missing.joined(separator: ", "))), which the manifest asks for now",
                help: "begin anew: `\(command(request, "--start"))`", address: request.slot,
                responsible: .operatorHere))
    }

    func finishedElsewhere(_ request: ConsentRequest) -> StepFailure {
        StepFailure(
            Diagnostic(
                .error, "authorize.finished-elsewhere",
                "the consent for \(request.slot) has expired, was begun anew, or another process has finished it",
                help: "mailkeel plan says whether it is still needed; if it is, begin anew: `\(command(request))`",
                address: request.slot, responsible: .operatorHere))
    }

    /// What runs left that died between sending a code and storing what it gave; each is said once.
    package func lostRedemptions(of requests: [ConsentRequest]) async throws(StepFailure) -> [String] {
        let slots = Set(requests.map { "\($0.work.profile.name):\($0.work.subject)" })
        return try await inVault { vault throws(VaultFailure) in
            var words: [String] = []
            for intent in try await vault.snapshot().intents where intent.kind == .redemption {
                let slot = "\(intent.profile):\(intent.subject)"
                // One that is younger may be at work in another process.
                guard slots.contains(slot), time.now.seconds - intent.created.seconds > 120 else { continue }
                words.append(
                    "A run (\(intent.run)) sent a code for Authorization/\(slot) and ended before what came back was stored; the provider may hold a consent that nobody has. A new one takes its place."
                )
                try await vault.abandon(intent.id)
            }
            return words
        }
    }
}

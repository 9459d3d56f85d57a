import KeelBase
import KeelDiagnostics
import KeelOAuth
import KeelPlan
import KeelVault

/// What is concluded from who consented.
extension GrantChecks {
    /// The stable code of a consent of which nobody knows yet whether it is the accepted person's.
    package static let notAsked = "identity.not-asked"

    /// Accepts or refuses who consented; returns what is to be pinned, nil where nothing is known that could be.
    ///
    /// Whoever was accepted once for the slot and the client is the same person under whatever name. What cannot be compared
    /// with that takes its place only with the right name.
    package func judge(
        _ evidence: IdentityEvidence, _ terms: GrantTerms, issuer: String?, pinned: ProviderIdentity?,
        accepts: Bool, _ slot: ResourceAddress
    ) throws(StepFailure) -> PinnedIdentity? {
        let origin = issuer ?? terms.tokenEndpoint.origin
        let found = evidence.pin(issuer: origin)
        let likeness = pinned.map { evidence.likeness(to: $0, issuer: origin) }
        switch likeness {
        case .same: return found
        case .other where !accepts: throw changed(evidence, slot)
        case .other, .unknown, nil: break
        }
        if case .mismatched(let named, let source) = evidence.match { throw mismatch(named, source, terms, slot) }
        if likeness == .unknown, !accepts, evidence.match != .matched { return nil }
        return found
    }

    /// Refuses a consent of which nothing lasting is known where somebody was accepted before: whoever that was must not be
    /// replaced by nobody in particular. That a source cannot be asked now is no refusal: it is asked again.
    package func requireKnown(
        _ evidence: IdentityEvidence, _ found: PinnedIdentity?, pinned: ProviderIdentity?, accepts: Bool,
        _ slot: ResourceAddress
    ) throws(StepFailure) {
        guard pinned != nil, found == nil, !accepts else { return }
        if let reason = evidence.unasked { throw notAsked(reason, slot) }
        // A name can go to another person, but nothing better is said by this provider.
        guard evidence.match != .matched else { return }
        throw unknown(slot)
    }

    /// The failure that stands for sources of which the issuer's metadata would tell, where those were not found this time.
    package func unfoundSource(
        _ work: AuthorizeWork, _ contact: ProfileContact, _ slot: ResourceAddress
    ) -> StepFailure? {
        guard let issuer = work.client.issuer, contact.endpoints.userinfo == nil else { return nil }
        let words = "the metadata of \(ForeignText(issuer)) could not be read"
        return StepFailure(Diagnostic(.error, Self.notAsked, words, address: slot, responsible: .nobody))
    }

    private func notAsked(_ reason: StepFailure, _ slot: ResourceAddress) -> StepFailure {
        var failure = StepFailure(
            Diagnostic(
                .error, Self.notAsked,
                "whether the person who consented is the one accepted so far cannot be found out just now: \(reason.diagnostic.message)",
                notes: [Diagnostic.Note("the consent is kept, and is not put into service before that is known")],
                help: "`\(ProjectCommand(["apply"], in: place))` asks again; nobody has to consent again",
                address: slot, answer: reason.diagnostic.answer, responsible: .nobody), weight: .unproven)
        failure.provider = reason.provider
        return failure
    }

    private func unknown(_ slot: ResourceAddress) -> StepFailure {
        let command = ProjectCommand(["authorize", slot.description, "--accept-identity"], in: place)
        return StepFailure(
            Diagnostic(
                .error, "identity.unknown",
                "the provider does not say who consented, and a certain person was accepted for it so far",
                notes: [
                    Diagnostic.Note(
                        "it says so to a client that asks for the scope openid, or at endpoints.userinfo or endpoints.introspection"
                    )
                ],
                help: "ask for it in the manifest; or, if nobody need know who consents, `\(command)`", address: slot,
                responsible: .manifestAuthor))
    }

    private func mismatch(
        _ named: String, _ source: TokenIdentity.Source, _ terms: GrantTerms, _ slot: ResourceAddress
    ) -> StepFailure {
        let name = ForeignText(named)
        let command = ProjectCommand(["authorize", slot.description], in: place)
        return StepFailure(
            Diagnostic(
                .error, "identity.mismatch",
                "\(name) consented, by what \(source.rawValue) says, and not \(ForeignText(terms.subject))",
                notes: [
                    Diagnostic.Note("nothing was put into service; what was granted is kept sealed, out of use"),
                    Diagnostic.Note(
                        "if it was meant, write with each of the accounts: authorizedAs: \(JSON.string(name.description).text())"
                    ),
                ],
                help:
                    "`\(command)` and sign in as \(ForeignText(terms.subject)); a private window avoids the wrong session",
                address: slot, responsible: .user))
    }

    private func changed(_ evidence: IdentityEvidence, _ slot: ResourceAddress) -> StepFailure {
        let command = ProjectCommand(["authorize", slot.description, "--accept-identity"], in: place)
        let who = evidence.name.map { ForeignText($0).text } ?? "somebody"
        return StepFailure(
            Diagnostic(
                .error, "identity.changed",
                "\(who) consented, who is not the person that was accepted for it so far",
                notes: [
                    Diagnostic.Note("a name can go to another person; the provider's own id of the person differs")
                ],
                help: "if that is right, `\(command)`; else authorize again as the right person", address: slot,
                responsible: .user))
    }
}

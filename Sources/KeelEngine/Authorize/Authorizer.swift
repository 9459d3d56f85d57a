import KeelBase
import KeelCrypto
import KeelDiagnostics
import KeelOAuth
import KeelPlan
import KeelVault

/// Takes a slot from a person's consent to a candidate in the vault.
///
/// Each consent is kept in the vault from its beginning, so that any process can finish it, and taken from there once. With
/// the same transaction it is noted that the code of a link is about to be redeemed (a code works once, RFC 6749 section
/// 4.1.2), and that note goes when the candidate is there. A device code cannot be so: every question may be the one that is
/// answered with tokens, so nothing but a later refusal tells of a process that died between that answer and its storing. No
/// lock is held while a person is waited for.
package struct Authorizer: Sendable {
    let vault: Vault
    let tokens: TokenObtainer
    let secrets: SecretResolver
    let explanation: FailureExplanation
    let time: any TimeSource
    /// The name of this run.
    let run: String
    /// Who runs it, for the audit.
    let actor: String
    let located: @Sendable (Trust) -> Trust
    private let place: ProjectPlace
    let grants: GrantTokens
    let issuers: IssuerDirectory
    let intake: GrantIntake
    /// Whether somebody else than before may consent, because a person said so.
    package var acceptsIdentity = false
    /// How it waits between questions to a provider.
    var sleep: @Sendable (Duration) async throws -> Void = { try await Task.sleep(for: $0) }

    package init(
        vault: Vault, paths: ProjectPaths, ports: EnginePorts, secrets: SecretResolver, explanation: FailureExplanation,
        run: String, actor: String
    ) {
        self.vault = vault
        tokens = TokenObtainer(transport: ports.transport, time: ports.time, explanation: explanation)
        self.secrets = secrets
        self.explanation = explanation
        time = ports.time
        self.run = run
        self.actor = actor
        located = { paths.located($0) }
        place = paths.place
        issuers = IssuerDirectory(
            tokens: tokens, memory: IssuerMemory(paths, files: ports.files), time: ports.time)
        intake = GrantIntake(
            checks: GrantChecks(tokens: tokens, explanation: explanation, time: ports.time, place: paths.place),
            time: ports.time)
        grants = GrantTokens(paths: paths, ports: ports, secrets: secrets, explanation: explanation)
    }

    /// Who asks, where and with what.
    func terms(of request: ConsentRequest) async throws(StepFailure) -> ConsentTerms {
        let client = request.client
        let profile = request.work.profile
        let trust = located(client.trust)
        let credentials = try await secrets.credentials(client.credentials, in: vault, of: profile, explanation)
        var contact = ProfileContact(client, nil)
        if let work = client.discovery { contact = try await issuers.contact(work, trust: trust, for: profile) }
        let endpoint = try explanation.tokenEndpoint(of: contact, profile)
        return ConsentTerms(
            contact: contact,
            grant: GrantTerms(
                client, subject: request.work.subject, at: endpoint, credentials, contact.metadata, trust: trust))
    }

    // MARK: What goes wrong before anything is asked

    package func unusable(_ reason: String, _ field: String, _ request: ConsentRequest) -> StepFailure {
        StepFailure(
            Diagnostic(
                .error, "authorize.unusable", reason, at: explanation.place(request.work.profile, [field]),
                help: "mend spec.\(field) of \(request.work.profile)", address: request.work.profile,
                responsible: .manifestAuthor))
    }

    /// What came back cannot be an answer.
    package func unreadable(_ fault: RedirectAnswer.Fault, _ request: ConsentRequest) -> StepFailure {
        StepFailure(
            Diagnostic(
                .error, "authorize.no-answer", "what was given is not the address that the browser ended at: \(fault)",
                help: "give the whole address; the link stays good until then", address: request.slot,
                responsible: .operatorHere))
    }

    package func nobodyAnswered(_ request: ConsentRequest) -> StepFailure {
        StepFailure(
            Diagnostic(
                .error, "authorize.nobody-answered", "nobody consented to \(request.slot) in time",
                help: "`\(command(request))` asks again; --start gives a link for somebody who is elsewhere",
                address: request.slot, responsible: .user))
    }

    /// Whoever waits here goes; the link or code goes on being good.
    package func interrupted(_ consent: BegunConsent) -> StepFailure {
        let request = consent.request
        return StepFailure(
            Diagnostic(
                .error, Self.interruption, "the wait for the consent to \(request.slot) was interrupted",
                help: "it can be finished until \(consent.expires): `\(command(request, "--resume"))`",
                address: request.slot, responsible: .operatorHere))
    }

    /// The stable code of a wait that was cut off.
    package static let interruption = "authorize.interrupted"

    /// The code goes on being good.
    func nobodyEntered(_ consent: BegunConsent) -> StepFailure {
        let slot = consent.request.slot
        return StepFailure(
            Diagnostic(
                .error, "authorize.nobody-answered", "nobody entered the code for \(slot) in time",
                help: "the code is good until \(consent.expires): `\(command(consent.request, "--resume"))`",
                address: slot, responsible: .user))
    }

    package func nothingBegun(_ request: ConsentRequest) -> StepFailure {
        StepFailure(
            Diagnostic(
                .error, "authorize.nothing-begun",
                "no consent to \(request.slot) waits to be finished, or it has expired",
                help: "begin one: `\(command(request, "--start"))`", address: request.slot,
                responsible: .operatorHere))
    }

    /// What a person types to go on with the slot, in this project and in words that a shell takes as they are.
    func command(_ request: ConsentRequest, _ options: String...) -> ProjectCommand {
        ProjectCommand(["authorize", request.slot.description] + options, in: place)
    }

    // MARK: The end of every consent

    /// Does what must come to its end once it has begun, whoever cancels meanwhile.
    func uninterrupted<Result: Sendable>(
        _ body: @escaping @Sendable () async throws(StepFailure) -> Result
    ) async throws(StepFailure) -> Result {
        let task = Task<Swift.Result<Result, StepFailure>, Never> {
            do throws(StepFailure) {
                return .success(try await body())
            } catch {
                return .failure(error)
            }
        }
        return try await task.value.get()
    }

    /// Makes what was issued a candidate, durably, and looks at who stands behind it.
    func keep(
        _ issued: KeelOAuth.IssuedTokens, _ terms: ConsentTerms, _ request: ConsentRequest, nonce: Secret? = nil,
        redeeming intent: IntentID?
    ) async throws(StepFailure) -> GivenConsent {
        var delivery = GrantIntake.Delivery(
            issued, for: request.work, terms.grant, terms.contact, slot: request.slot, run: run, actor: actor)
        delivery.nonce = nonce
        delivery.intent = intent
        delivery.acceptsIdentity = acceptsIdentity
        let taken = try await intake.receive(delivery, in: vault)
        return try await given(taken.grant.id, request, doubt: taken.doubt)
    }

    /// Keeps the refresh token of an answer whose access token cannot be used: it took a person's time, and the next plan adopts
    /// it. `scopes` are those that were asked for with the consent. Whether there was one.
    func keepsRescued(
        _ failure: OAuthFailure, _ scopes: [String], _ terms: ConsentTerms, _ request: ConsentRequest,
        _ intent: IntentID?
    ) async throws(StepFailure) -> Bool {
        guard let token = failure.rescuedRefreshToken else { return false }
        try await inVault { vault throws(VaultFailure) in
            try await vault.addCandidate(
                draft(request), Recipe(request.work, terms.grant, terms.contact, margin: RenewalSchedule.usualMargin),
                KeelVault.IssuedTokens(
                    access: nil, accessExpires: nil, refresh: token, scopes: scopes),
                redeeming: intent)
        }
        return true
    }

    func draft(_ request: ConsentRequest) -> GrantDraft {
        GrantDraft(
            profile: request.work.profile.name, subject: request.work.subject, clientDigest: request.client.digest,
            type: request.client.grant, run: run)
    }

    /// What is there now of a grant.
    func given(
        _ grant: GrantID, _ request: ConsentRequest, doubt: StepFailure? = nil
    ) async throws(StepFailure) -> GivenConsent {
        try await inVault { vault throws(VaultFailure) in
            let record = try await vault.grant(grant)
            return GivenConsent(
                slot: request.slot, grant: grant.text, scopes: record?.scopes ?? request.client.scopes,
                isVerified: record?.isVerified ?? false, doubt: doubt?.diagnostic.asWarning)
        }
    }

    @discardableResult
    func inVault<Result: Sendable>(
        _ body: (Vault) async throws(VaultFailure) -> Result
    ) async throws(StepFailure) -> Result {
        do throws(VaultFailure) {
            return try await body(vault)
        } catch {
            throw StepFailure(.local(error))
        }
    }
}

/// What a consent is asked for with.
struct ConsentTerms: Sendable {
    let contact: ProfileContact
    let grant: GrantTerms

    var endpoints: ProviderEndpoints { contact.endpoints }
    var metadata: AuthorizationServerMetadata? { contact.metadata }
}

extension Diagnostic {
    /// The same where the work goes on.
    fileprivate var asWarning: Diagnostic {
        Diagnostic(
            .warning, code, message, at: range, notes: notes, help: help, address: address, answer: answer,
            responsible: responsible)
    }
}

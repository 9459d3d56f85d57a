import KeelBase
import KeelDiagnostics
import KeelModel
import KeelOAuth
import KeelPlan
import KeelState
import KeelVault

/// The profile and its slots: secrets, endpoints, and the grant.
extension StepExecutor {
    func resolve(_ work: ResolveWork, _ address: ResourceAddress) async throws(StepFailure) {
        for (field, source) in work.secrets.sorted(by: { $0.key < $1.key }) {
            do throws(SecretFailure) {
                await context.keep(try await secrets.resolve(source, in: vault), field, of: address)
            } catch {
                throw StepFailure(explanation.secretMissing(error, address, field: field))
            }
        }
    }

    func discover(_ work: DiscoverWork, _ address: ResourceAddress) async throws(StepFailure) {
        let contact = try await issuers.contact(work, trust: located(work.trust), for: address)
        guard let metadata = contact.metadata else { return }
        for name in work.required.sorted() where contact.endpoints[name] == nil {
            throw explanation.endpointMissing(name, of: contact, address)
        }
        await context.keep(metadata, of: address)
    }

    /// Shows that the provider accepts the client. A token that shows it is kept for the slot that it is for.
    func verify(_ work: VerifyClientWork, _ profile: ResourceAddress) async throws(StepFailure) {
        let subject: String
        switch work.how {
        case .token: subject = EffectiveAuthorization.application
        case .assertion(let user): subject = user
        case .probe(let probes): return try await prove(work.client, by: probes, profile)
        }
        do throws(StepFailure) {
            await context.keep(
                try await request(work.client, subject: subject, profile, slot: profile), of: profile)
        } catch {
            // A refusal of that user says nothing of the client.
            guard case .assertion = work.how, case .answered(let answer)? = error.provider,
                answer.kind == .invalidGrant
            else { throw error }
            return
        }
        await context.keep(proofBy: work.client.grant.rawValue, of: profile)
    }

    /// An answer that does not tell is no proof, and no failure either.
    private func prove(
        _ client: ClientWork, by probes: [KeelPlan.ClientProbe], _ profile: ResourceAddress
    ) async throws(StepFailure) {
        let terms = try await terms(client, subject: "", profile, slot: profile)
        let marks = RefusalMark.marks(of: terms, client, fingerprints)
        try await checkNotRefused(marks, profile)
        let finding = try await prover.prove(
            client, terms, await contact(client, profile), by: probes, of: profile)
        guard let finding else { return }
        switch finding.verdict {
        case .accepted: await context.keep(proofBy: finding.probe.rawValue, of: profile)
        case .ambiguous: break
        case .refused(let failure):
            throw tokens.refusal(
                failure, by: finding.endpoint, for: profile, outcome: "does not accept the client"
            ).refusing(marks)
        }
    }

    func authorize(_ work: AuthorizeWork, _ address: ResourceAddress) async throws(StepFailure) -> StepOutcome {
        switch work.way {
        case .request:
            let issued: RunContext.Issued
            if let earlier = await context.takeIssued(of: work.profile, for: work.subject) {
                issued = earlier
            } else {
                issued = try await request(work.client, subject: work.subject, work.profile, slot: address)
            }
            try await keepCandidate(issued, work, address)
        case .adopt(let text):
            guard let vault, let grant = GrantID(parsing: text) else {
                throw local("engine.no-grant", "there is no grant \(ForeignText(text)) to adopt", address)
            }
            let token = try await grants.accessToken(of: grant, in: vault, for: address)
            try await verify(grant, token, work, address)
            await context.keep(RunContext.HeldGrant(id: grant, accessToken: token, isNew: true), of: address)
        case .refresh(let grant, let reason): return try await renew(grant, reason, work, address)
        case .consent: return .pending(asking(work, address))
        }
        return .done
    }

    /// A person must act; no run waits for one while it holds the state's lock.
    func asking(_ work: AuthorizeWork, _ slot: ResourceAddress) -> PendingAction {
        PendingAction(
            message: "\(ForeignText(work.subject)) must consent to \(work.profile)",
            help: "`\(ProjectCommand(["authorize", slot.description], in: place))` asks for it")
    }

    /// Looks at what a consent allows and who stands behind it, if whoever stored it did not get so far.
    private func verify(
        _ grant: GrantID, _ token: Secret, _ work: AuthorizeWork, _ address: ResourceAddress
    ) async throws(StepFailure) {
        guard let vault else { return }
        let terms = try await terms(work.client, subject: work.subject, work.profile, slot: address)
        try await intake.verify(
            grant, token, work, terms, await contact(work.client, work.profile), slot: address, in: vault)
    }

    // MARK: Parts

    private func request(
        _ work: ClientWork, subject: String, _ profile: ResourceAddress, slot: ResourceAddress
    ) async throws(StepFailure) -> RunContext.Issued {
        let terms = try await terms(work, subject: subject, profile, slot: slot)
        let marks = RefusalMark.marks(of: terms, work, fingerprints)
        try await checkNotRefused(marks, profile)
        let issued: KeelOAuth.IssuedTokens
        do throws(StepFailure) {
            issued = try await tokens.obtain(terms, for: profile)
        } catch {
            throw error.refusing(marks)
        }
        try checks.checkScopes(issued.grantedScopes, terms, profile)
        return RunContext.Issued(tokens: issued, terms: terms)
    }

    /// Who asks, and where, as far as this run has found out.
    func terms(
        _ work: ClientWork, subject: String, _ profile: ResourceAddress, slot: ResourceAddress
    ) async throws(StepFailure) -> GrantTerms {
        let contact = await contact(work, profile)
        let endpoint = try explanation.tokenEndpoint(of: contact, profile)
        let credentials = try await credentials(work, profile, slot: slot)
        return GrantTerms(
            work, subject: subject, at: endpoint, credentials, contact.metadata, trust: located(work.trust))
    }

    /// Where the provider is asked, as far as this run has found out.
    func contact(_ work: ClientWork, _ profile: ResourceAddress) async -> ProfileContact {
        ProfileContact(work, await context.metadata(of: profile))
    }

    /// The credentials that the work names, as the steps before have read them; a user's password belongs to the slot.
    private func credentials(
        _ work: ClientWork, _ profile: ResourceAddress, slot: ResourceAddress
    ) async throws(StepFailure) -> ClientCredentials {
        var found: [CredentialField: Secret] = [:]
        for (field, source) in work.credentials {
            // Of a profile that is looked at for nobody in particular, no user's password is read.
            if field == .password, slot == profile { continue }
            let owner = field == .password ? slot : profile
            if let secret = await context.secret(field.rawValue, of: owner) {
                found[field] = secret
            } else if let secret = try await secrets.credentials([field: source], in: vault, of: profile, explanation)[
                field]
            {
                await context.keep(secret, field.rawValue, of: owner)
                found[field] = secret
            }
        }
        return ClientCredentials(found)
    }

    /// A credential that a server refused is not offered again until it changed: repeated refusals lock clients out.
    private func checkNotRefused(_ marks: [RefusalMark], _ profile: ResourceAddress) async throws(StepFailure) {
        guard !offersRefused, !marks.isEmpty, let failure = try await stored(profile)?.failure else { return }
        for mark in marks {
            guard let refused = failure.refused[mark.name], refused.fingerprint == mark.fingerprint else { continue }
            throw StepFailure(explanation.refusedBefore(at: refused.at, profile, field: mark.field.rawValue))
        }
    }

    /// Makes the candidate durable before anybody uses it, and looks whether it is what was asked for.
    private func keepCandidate(
        _ issued: RunContext.Issued, _ work: AuthorizeWork, _ address: ResourceAddress
    ) async throws(StepFailure) {
        guard let vault else { throw local("engine.no-vault", "the run has no vault", nil) }
        let delivery = GrantIntake.Delivery(
            issued.tokens, for: work, issued.terms, await contact(work.client, work.profile), slot: address, run: run,
            actor: actor)
        let grant = try await intake.take(delivery, in: vault)
        await context.keep(
            RunContext.HeldGrant(id: grant.id, accessToken: issued.tokens.accessToken, isNew: true), of: address)
    }
}

/// What is remembered of a refused credential: that this one was refused for this client.
struct RefusalMark: Sendable {
    let field: CredentialField
    let name: String
    let fingerprint: Fingerprint

    /// Those that can be guessed, so that a server counts how often they are wrong: a client's secret, a user's password.
    static func marks(
        of terms: GrantTerms, _ work: ClientWork, _ fingerprints: SecretFingerprints?
    ) -> [RefusalMark] {
        guard let fingerprints else { return [] }
        var marks: [RefusalMark] = []
        if terms.method == .basic || terms.method == .post, let secret = terms.credentials[.clientSecret] {
            marks.append(
                RefusalMark(
                    field: .clientSecret, name: "client.secret for \(work.digest)",
                    fingerprint: fingerprints.fingerprint(of: secret)))
        }
        if terms.grant == .password, let password = terms.credentials[.password] {
            marks.append(
                RefusalMark(
                    field: .password, name: passwordName(terms.subject) + work.digest,
                    fingerprint: fingerprints.fingerprint(of: password)))
        }
        return marks
    }

    private static func passwordName(_ subject: String) -> String { "password of \(subject) for " }

    /// Whether a mark is of a user's password, and not of this user's.
    static func isPassword(_ name: String, ofOtherThan subject: String) -> Bool {
        name.hasPrefix("password of ") && !name.hasPrefix(passwordName(subject))
    }
}

extension StepFailure {
    /// The credentials that the token endpoint did not accept, by the code alone.
    private var refusedField: CredentialField? {
        switch diagnostic.code {
        case "oauth.invalid_client", "oauth.empty_refusal": .clientSecret
        case "oauth.invalid_grant": .password
        default: nil
        }
    }

    func refusing(_ marks: [RefusalMark]) -> StepFailure {
        guard let refusedField else { return self }
        var failure = self
        for mark in marks where mark.field == refusedField { failure.refused[mark.name] = mark.fingerprint }
        return failure
    }
}

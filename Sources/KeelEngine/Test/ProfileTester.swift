import KeelBase
import KeelDiagnostics
import KeelModel
import KeelOAuth
import KeelPlan
import KeelProviders
import KeelVault

/// Proves OAuth profiles as their manifests declare them, before any account uses them: that the issuer is found, that the
/// client is accepted, that a token comes where none needs a person. It changes nothing, here or elsewhere.
package struct ProfileTester: Sendable {
    package enum StageName: String, Sendable, CaseIterable { case metadata, client, token }

    package enum Verdict: String, Sendable {
        case ok, failed, skipped
        /// The answer fits a good profile and a bad one.
        case ambiguous
    }

    /// One stage of one profile.
    package struct Stage: Sendable {
        package let name: StageName
        package let verdict: Verdict
        /// What was seen, or why nothing was looked at; nothing secret is in it.
        package let evidence: String
        /// Nil where nobody was asked for it.
        package let elapsed: Duration?
        /// What failed, or what fits both ways, with whose move it is.
        package let failure: StepFailure?
    }

    package struct Result: Sendable {
        package let address: ResourceAddress
        package let stages: [Stage]

        package var verdict: Verdict {
            let verdicts = Set(stages.map(\.verdict))
            return verdicts.contains(.failed) ? .failed : verdicts.contains(.ambiguous) ? .ambiguous : .ok
        }
        package var failures: [StepFailure] { stages.filter { $0.verdict == .failed }.compactMap(\.failure) }
    }

    private let tokens: TokenObtainer
    private let secrets: SecretResolver
    private let explanation: FailureExplanation
    private let time: any TimeSource
    private let prover: ClientProver
    private let checks: GrantChecks
    private let place: ProjectPlace
    private let located: @Sendable (Trust) -> Trust

    package init(paths: ProjectPaths, ports: EnginePorts, secrets: SecretResolver, explanation: FailureExplanation) {
        tokens = TokenObtainer(transport: ports.transport, time: ports.time, explanation: explanation)
        self.secrets = secrets
        self.explanation = explanation
        time = ports.time
        place = paths.place
        prover = ClientProver(tokens: tokens, explanation: explanation, time: ports.time)
        checks = GrantChecks(tokens: tokens, explanation: explanation, time: ports.time, place: paths.place)
        located = { paths.located($0) }
    }

    /// Tests one profile. `vault` is needed only for secrets that are in it. Each stage is reported as it is done.
    package func test(
        _ profile: EffectiveProfile, of set: EffectiveSet, in vault: Vault?,
        report: @Sendable (ResourceAddress, Stage) async -> Void = { _, _ in }
    ) async -> Result {
        let subject = Subject(profile, set)
        var stages: [Stage] = []
        func add(_ stage: Stage) async {
            stages.append(stage)
            await report(profile.address, stage)
        }
        let (metadata, found) = await findMetadata(profile, subject.client.discovery)
        await add(metadata)
        guard metadata.verdict != .failed else {
            await add(Stage(.client, .skipped, "without endpoints there is nobody to ask"))
            await add(Stage(.token, .skipped, "without endpoints there is nobody to ask"))
            return Result(address: profile.address, stages: stages)
        }
        for stage in await testClient(profile, subject, ProfileContact(subject.client, found), vault) {
            await add(stage)
        }
        return Result(address: profile.address, stages: stages)
    }

    // MARK: Metadata

    /// Always asks the issuer itself: what an earlier run remembered proves nothing today.
    private func findMetadata(
        _ profile: EffectiveProfile, _ work: DiscoverWork?
    ) async -> (Stage, AuthorizationServerMetadata?) {
        guard let work else {
            return (Stage(.metadata, .skipped, "the endpoints are given by \(profile.provider ?? "the manifest")"), nil)
        }
        let clock = ContinuousClock()
        let start = clock.now
        do throws(StepFailure) {
            let found = try await tokens.discover(
                issuer: work.asWritten, trust: located(work.trust), for: profile.address
            ).metadata
            let contact = ProfileContact(listed: work.listed, found)
            for name in work.required.sorted() where contact.endpoints[name] == nil {
                throw explanation.endpointMissing(name, of: contact, profile.address)
            }
            return (Stage(.metadata, .ok, Self.words(found, contact), clock.now - start), found)
        } catch {
            // Without what is only useful a profile works all the same.
            let verdict = work.isDispensable(after: error) ? Verdict.ambiguous : .failed
            let stage = Stage(.metadata, verdict, error.diagnostic.message, clock.now - start, error)
            return (stage, nil)
        }
    }

    private static func words(_ metadata: AuthorizationServerMetadata, _ contact: ProfileContact) -> String {
        let names = contact.endpoints.named.map { $0.name.replacing("_", with: " ") }
        let offSite = contact.offSite.keys.sorted().map { $0.replacing("_", with: " ") }
        let ignored = offSite.isEmpty ? "" : "; not used, off its site: \(offSite.joined(separator: ", "))"
        return "\(ForeignText(metadata.issuer)) names \(names.joined(separator: ", "))\(ignored)"
    }

    // MARK: Client and token

    private func testClient(
        _ profile: EffectiveProfile, _ subject: Subject, _ contact: ProfileContact, _ vault: Vault?
    ) async -> [Stage] {
        let clock = ContinuousClock()
        let start = clock.now
        let terms: GrantTerms
        do throws(StepFailure) {
            terms = try await self.terms(profile, subject, contact, vault)
        } catch {
            return [
                Stage(.client, .failed, error.diagnostic.message, nil, error),
                Stage(.token, .skipped, "the client has nothing to show"),
            ]
        }
        guard !profile.grant.needsPerson, subject.isKnown || profile.grant == .clientCredentials else {
            let command = ProjectCommand(["authorize"], in: place)
            let reason =
                profile.grant.needsPerson
                ? "a person must consent: `\(command)`"
                : "no account uses the profile yet, so there is nobody to act for"
            return [
                await probe(profile, subject.client, terms, contact, start), Stage(.token, .skipped, reason),
            ]
        }
        do throws(StepFailure) {
            let issued = try await tokens.obtain(terms, for: profile.address)
            let elapsed = clock.now - start
            return [
                Stage(.client, .ok, Self.accepted(terms), elapsed), token(issued, terms, profile, elapsed),
            ]
        } catch {
            return Self.stages(error, terms, clock.now - start)
        }
    }

    private func terms(
        _ profile: EffectiveProfile, _ subject: Subject, _ contact: ProfileContact, _ vault: Vault?
    ) async throws(StepFailure) -> GrantTerms {
        let endpoint = try explanation.tokenEndpoint(of: contact, profile.address)
        let client = subject.client
        let credentials = try await secrets.credentials(
            client.credentials, in: vault, of: profile.address, explanation)
        return GrantTerms(
            client, subject: subject.name, at: endpoint, credentials, contact.metadata, trust: located(client.trust))
    }

    private func token(
        _ issued: KeelOAuth.IssuedTokens, _ terms: GrantTerms, _ profile: EffectiveProfile, _ elapsed: Duration
    ) -> Stage {
        do throws(StepFailure) {
            try checks.checkScopes(issued.grantedScopes, terms, profile.address)
        } catch {
            return Stage(.token, .failed, error.diagnostic.message, elapsed, error)
        }
        let scopes = ForeignText(issued.grantedScopes.joined(separator: " "))
        let whom = terms.grant == .clientCredentials ? "" : " for \(ForeignText(terms.subject))"
        let life = issued.expiresAt.seconds - time.now.seconds
        return Stage(.token, .ok, "a token\(whom), good for \(life) s, scopes: \(scopes)", elapsed)
    }

    private func probe(
        _ profile: EffectiveProfile, _ client: ClientWork, _ terms: GrantTerms, _ contact: ProfileContact,
        _ start: ContinuousClock.Instant
    ) async -> Stage {
        let clock = ContinuousClock()
        do throws(StepFailure) {
            let finding = try await prover.prove(
                client, terms, contact, by: KeelPlan.ClientProbe.all(for: profile.grant), of: profile.address)
            guard let finding else { return Stage(.client, .skipped, "the provider offers no request that would tell") }
            let elapsed = clock.now - start
            switch finding.verdict {
            case .accepted: return Stage(.client, .ok, "\(Self.accepted(terms)), by \(finding.probe.words)", elapsed)
            case .refused(let failure):
                let refusal = tokens.refusal(
                    failure, by: finding.endpoint, for: profile.address, outcome: "does not accept the client")
                return Stage(.client, .failed, refusal.diagnostic.message, elapsed, refusal)
            case .ambiguous(let failure):
                let refusal = tokens.refusal(failure, by: finding.endpoint, for: profile.address)
                let evidence =
                    "\(finding.probe.words) was answered with \(ForeignText(failure.description)), which a wrong client would get as well"
                return Stage(.client, .ambiguous, evidence, elapsed, refusal)
            }
        } catch {
            return Stage(.client, .failed, error.diagnostic.message, clock.now - start, error)
        }
    }

    /// A refused token request, told apart: is it the client, or what it asks for?
    private static func stages(_ failure: StepFailure, _ terms: GrantTerms, _ elapsed: Duration) -> [Stage] {
        let words = failure.diagnostic.message
        guard case .answered(let answer)? = failure.provider else {
            return [
                Stage(.client, .failed, words, elapsed, failure), Stage(.token, .skipped, "the client comes first"),
            ]
        }
        switch answer.classified(known: ErrorCatalogue.failureClass) {
        case .fixClient:
            return [
                Stage(.client, .failed, words, elapsed, failure), Stage(.token, .skipped, "the client comes first"),
            ]
        case .fixTenant, .reauthorize, .fixManifest:
            // The client is looked at before what it asks for (RFC 6749 section 5.2).
            return [Stage(.client, .ok, accepted(terms), elapsed), Stage(.token, .failed, words, elapsed, failure)]
        case .transient, .throttled, .network, .tls, .ambiguous:
            return [
                Stage(.client, .ambiguous, words, elapsed, failure),
                Stage(.token, .failed, words, elapsed, failure),
            ]
        }
    }

    private static func accepted(_ terms: GrantTerms) -> String {
        let client = terms.clientID.isEmpty ? "the service account" : ForeignText(terms.clientID).text
        return "\(terms.tokenEndpoint.authority) takes \(client) by \(terms.method.rawValue)"
    }
}

extension ProfileTester.Stage {
    fileprivate init(
        _ name: ProfileTester.StageName, _ verdict: ProfileTester.Verdict, _ evidence: String,
        _ elapsed: Duration? = nil, _ failure: StepFailure? = nil
    ) {
        self.init(name: name, verdict: verdict, evidence: evidence, elapsed: elapsed, failure: failure)
    }
}

extension ProfileTester {
    /// For whom a token is asked: the first who uses the profile, if somebody does.
    private struct Subject {
        let client: ClientWork
        let name: String
        let isKnown: Bool

        init(_ profile: EffectiveProfile, _ set: EffectiveSet) {
            let known = set.authorizations.first { $0.profile == profile.address }
            let authorization =
                known
                ?? EffectiveAuthorization(
                    ResourceAddress.authorization(
                        profile: profile.name, subject: EffectiveAuthorization.application), of: profile)
            client = ClientWork(profile, authorization)
            name = authorization.subject
            isKnown = known != nil
        }
    }
}

extension KeelPlan.ClientProbe {
    /// The requests that tell, the most telling first.
    static func all(for grant: GrantType) -> [KeelPlan.ClientProbe] {
        switch grant {
        case .authorizationCode: [.pushedAuthorization, .refresh]
        case .deviceCode: [.deviceAuthorization, .refresh]
        case .clientCredentials, .jwtBearer, .password: [.refresh]
        }
    }

    var words: String {
        switch self {
        case .pushedAuthorization: "a pushed authorization request"
        case .deviceAuthorization: "a device request"
        case .refresh: "a refresh with a token that is none"
        }
    }
}

import KeelBase
import KeelOAuth
import KeelVault

/// One pass over the grants that are due, from the vault alone: it reads neither manifests nor state, and takes no state lock.
///
/// The most urgent grants come first. So many are renewed at a time, and so many at one token endpoint; an endpoint that
/// fails again and again, or asks to be left alone, is not asked for the rest of the pass. What the pass does not reach stays
/// due.
package struct RefreshPass: Sendable {
    private let renewer: GrantRenewer
    private let time: any TimeSource
    private let options: RefreshOptions
    private let retired: RetiredGrants
    /// Tries again to end, at their providers, grants that could not be ended there before.
    package var retryRevocations: (@Sendable (Vault) async -> (revoked: Int, failures: [StepFailure]))?
    /// Whether to start nothing more.
    package var isStopping: @Sendable () -> Bool = { false }

    package init(
        paths: ProjectPaths, ports: EnginePorts, secrets: SecretResolver, explanation: FailureExplanation,
        options: RefreshOptions, actor: String = "refresh"
    ) {
        var renewer = GrantRenewer(
            paths: paths, ports: ports, secrets: secrets, explanation: explanation, run: "refresh")
        // Whoever holds a grant's lock is renewing it; there is other work meanwhile.
        renewer.lockLimit = .seconds(5)
        renewer.actor = actor
        self.init(
            renewer, retired: RetiredGrants(paths: paths, files: ports.files, time: ports.time), time: ports.time,
            options: options)
        let revoker = GrantRevoker(
            paths: paths, ports: ports, secrets: secrets, explanation: explanation, run: "refresh", actor: actor)
        retryRevocations = { await revoker.retryDue(in: $0) }
    }

    /// With a renewer of one's own.
    package init(
        _ renewer: GrantRenewer, retired: RetiredGrants, time: any TimeSource, options: RefreshOptions
    ) {
        self.renewer = renewer
        self.retired = retired
        self.time = time
        self.options = options
    }

    /// Renews what is due; `report` is told of each grant as it is done.
    package func run(
        in vault: Vault, report: @escaping @Sendable (RefreshReport.Row) async -> Void = { _ in }
    ) async throws(EngineFailure) -> RefreshReport {
        do throws(VaultFailure) {
            if let quarantine = try await vault.quarantine() {
                throw VaultFailure(.quarantined, quarantine.words, path: vault.path)
            }
            let start = time.now
            let limit = start.adding(seconds: options.within)
            var due = try await vault.grantsDue(by: limit, atMost: options.most + 1)
            let hasMore = due.count > options.most
            if hasMore { due.removeLast() }
            let givenUp = try await vault.grantsGivenUp(atMost: options.most).filter { $0.status == .current }
            if options.offersRefused { due += givenUp }
            var queue = RefreshQueue(eachEndpoint: options.eachEndpoint)
            for record in due { queue.add(record, endpoint: await endpoint(of: record, in: vault)) }
            var result = RefreshReport(hasMore: hasMore)
            result.rows = await renew(queue, limit, start.adding(seconds: options.limit), vault, report)
            let reached = Set(result.rows.map(\.record.id))
            for record in givenUp where !reached.contains(record.id) {
                result.givenUp.append(.init(record: record, accounts: try await vault.accounts(of: record.id)))
            }
            if let retryRevocations, !isStopping() {
                (result.revoked, result.revocationFailures) = await retryRevocations(vault)
            }
            let gone = try await vault.purge(retiredBefore: start.adding(seconds: -Vault.retention))
            // Their lock files go with them; to look for those costs the more, the more grants there are.
            if !gone.isEmpty { try await retired.purge(in: vault) }
            result.purged = gone.count
            return result
        } catch {
            throw EngineFailure(error)
        }
    }

    /// Grants of one endpoint share its troubles. What cannot be read is found out, and said, when it is renewed.
    private func endpoint(of record: GrantRecord, in vault: Vault) async -> String {
        let recipe = try? await vault.recipe(of: record.id)
        return recipe?.recipe.tokenEndpoint.authority.description ?? record.profile
    }

    private func renew(
        _ queue: RefreshQueue, _ limit: Timestamp, _ deadline: Timestamp, _ vault: Vault,
        _ report: @escaping @Sendable (RefreshReport.Row) async -> Void
    ) async -> [RefreshReport.Row] {
        var queue = queue
        var rows: [RefreshReport.Row] = []
        await withTaskGroup(of: RefreshReport.Row.self) { group in
            var running = 0
            while true {
                while running < options.parallelism, !isStopping(), time.now < deadline, let record = queue.next() {
                    group.addTask { await renew(record, limit, vault) }
                    running += 1
                }
                guard running > 0, let row = await group.next() else { break }
                running -= 1
                queue.finish(row)
                rows.append(row)
                await report(row)
            }
        }
        for left in queue.left {
            let row = RefreshReport.Row(
                record: left.record, accounts: (try? await vault.accounts(of: left.record.id)) ?? [],
                outcome: .notAsked(because: left.reason), elapsed: .zero)
            rows.append(row)
            await report(row)
        }
        return rows
    }

    private func renew(_ record: GrantRecord, _ limit: Timestamp, _ vault: Vault) async -> RefreshReport.Row {
        let clock = ContinuousClock()
        let start = clock.now
        let outcome: RefreshReport.Outcome
        let isGivenUp = record.renewalDue == nil
        var skew: Int?
        do throws(RenewalFailure) {
            let renewal = try await renewer.renew(
                record.id, in: vault, for: .authorization(profile: record.profile, subject: record.subject),
                isGivenUp ? .anyway : .due(by: limit))
            skew = renewal.issued?.clockSkew
            outcome =
                renewal.issued == nil
                ? .renewedElsewhere : .renewed(expires: renewal.token.expires, next: renewal.record.renewalDue)
        } catch {
            outcome = .failed(error)
            if case .answered(let failure)? = error.failure.provider { skew = failure.clockSkew }
        }
        return RefreshReport.Row(
            record: record, accounts: (try? await vault.accounts(of: record.id)) ?? [], outcome: outcome,
            elapsed: clock.now - start, clockSkew: skew)
    }
}

/// What a pass may do.
package struct RefreshOptions: Sendable {
    /// What falls due within so many seconds is due now: as many as lie between two passes.
    package var within: Int64 = 900
    /// How many grants at most.
    package var most = 1000
    /// For how many seconds new renewals are begun.
    package var limit: Int64 = 120
    package var parallelism = 10
    package var eachEndpoint = 4
    /// Whether grants that the provider refused are asked for once more.
    package var offersRefused = false

    package init() {}
}

import KeelBase
import KeelDiagnostics
import KeelOAuth
import KeelPlan

/// Finds what issuers say of themselves: once in a run for each, and between runs from a file while that holds.
package actor IssuerDirectory {
    private struct Key: Hashable {
        let issuer: String
        let caFile: String?
    }

    private let tokens: TokenObtainer
    /// Nil: nothing is remembered between runs.
    private let memory: IssuerMemory?
    private let time: any TimeSource
    private var searches: [Key: Task<Result<AuthorizationServerMetadata, StepFailure>, Never>] = [:]

    package init(tokens: TokenObtainer, memory: IssuerMemory?, time: any TimeSource) {
        self.tokens = tokens
        self.memory = memory
        self.time = time
    }

    /// The metadata of an issuer, exactly as the manifest writes it.
    package func metadata(
        issuer: String, trust: Trust, for address: ResourceAddress
    ) async throws(StepFailure) -> AuthorizationServerMetadata {
        let key = Key(issuer: issuer, caFile: trust.caFile)
        if let earlier = searches[key] {
            // A failure is told in the words of whoever asks, so it is not shared.
            if case .success(let metadata) = await earlier.value { return metadata }
        }
        let task = Task { await search(issuer, trust, address) }
        searches[key] = task
        return try await task.value.get()
    }

    /// Where a profile's provider is asked, by what the manifest lists and its issuer's metadata.
    ///
    /// What would only be useful is done without where the metadata cannot be had; another issuer's are a mistake all the same.
    package func contact(
        _ work: DiscoverWork, trust: Trust, for address: ResourceAddress
    ) async throws(StepFailure) -> ProfileContact {
        do throws(StepFailure) {
            return ProfileContact(
                listed: work.listed, try await metadata(issuer: work.asWritten, trust: trust, for: address))
        } catch {
            guard work.isDispensable(after: error) else { throw error }
            return ProfileContact(listed: work.listed, nil)
        }
    }

    private func search(
        _ issuer: String, _ trust: Trust, _ address: ResourceAddress
    ) async -> Result<AuthorizationServerMetadata, StepFailure> {
        if let document = memory?.document(of: issuer, trust, at: time.now),
            let metadata = Self.read(document, issuer, at: time.now)
        {
            return .success(metadata)
        }
        do throws(StepFailure) {
            let found = try await tokens.discover(issuer: issuer, trust: trust, for: address)
            if let lifetime = found.lifetime {
                memory?.keep(found.document, of: issuer, trust, for: lifetime, at: time.now)
            }
            return .success(found.metadata)
        } catch {
            return .failure(error)
        }
    }

    /// A remembered document is checked like one that has just come: it could be of another issuer by now.
    private static func read(
        _ document: Secret, _ issuer: String, at now: Timestamp
    ) -> AuthorizationServerMetadata? {
        guard var discovery = try? MetadataDiscovery(issuer: issuer),
            case .finished(.success(let metadata)) = discovery.receive(
                HTTPResponse(status: 200, body: document), at: now)
        else { return nil }
        return metadata
    }
}

extension DiscoverWork {
    /// Whether a profile can do without the metadata that could not be had.
    func isDispensable(after failure: StepFailure) -> Bool {
        required.isEmpty && failure.diagnostic.code != "oauth.metadata_mismatch"
    }
}

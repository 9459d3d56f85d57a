import KeelBase
import KeelCrypto
import KeelHTTPServer
import KeelNet

extension Sandbox {
    /// What is ready before anything listens.
    struct Parts {
        let client: SandboxClient
        let mailboxPassword: Secret
        let certificates: SandboxCertificates
        let provider: Provider
        let log: SandboxLog
        let logFile: (any AppendingFile)?
        let logPath: String?

        init(
            _ options: SandboxOptions, _ project: ExampleProject?, _ files: any FileStore, _ time: any TimeSource
        ) throws(SandboxFailure) {
            let path = options.issuerPath
            guard path.isEmpty || (path.hasPrefix("/") && !path.hasSuffix("/") && !path.contains("?")),
                (try? EndpointURL(parsing: "https://127.0.0.1" + path)) != nil
            else { throw .badIssuerPath(path) }
            certificates = try SandboxCertificates(options, now: time.now)
            if let project {
                try SandboxFailure.reporting { () throws(FileFailure) in try files.createDirectory(project.directory) }
                try project.checkOwnership()
            }
            var client = SandboxClient(
                id: ExampleProject.clientID,
                secret: try project?.clientSecret() ?? Secret(copying: RandomIdentifier.make()),
                scopes: [MailboxGate.scope],
                mailboxes: Set(ExampleProject.accounts.map(ExampleProject.mailbox(of:))))
            client.keys = options.clientKeys
            client.trustedIssuers = options.trustedIssuers
            self.client = client
            mailboxPassword = try project?.mailboxPassword() ?? Secret(copying: ExampleProject.usualPassword)
            let logPath = options.logPath ?? project?.path(ExampleFile.logName)
            self.logPath = logPath
            logFile = try SandboxFailure.reporting { () throws(FileFailure) in
                if let logPath { try files.openAppending(logPath) } else { nil }
            }
            log =
                if let logFile {
                    SandboxLog(time: time, file: logFile)
                } else {
                    SandboxLog(time: time) { _ in }
                }
            provider = Provider(options, clients: [client] + options.clients, time: time, log: log)
        }
    }

    /// What listens.
    struct Servers {
        let provider: LoopbackHTTPServer?
        let providerEndpoint: HostPort
        let mail: [MailPlace: StreamListener]
        /// The provider's, when the order was that nothing listens.
        let heldPort: HeldPort?

        init(_ parts: Parts, _ options: SandboxOptions) async throws(SandboxFailure) {
            do throws(SandboxFailure) {
                let address = HostPort(host: options.host, port: options.oauthPort)
                let isAbsent = options.orders(.tokenConnectionRefused)
                // The manifests must name a port at which nobody answers, nor anybody else later on.
                heldPort = isAbsent ? HeldPort(address) : nil
                let started = heldPort == nil ? try await Self.provider(parts, at: address) : nil
                providerEndpoint = heldPort?.endpoint ?? started?.endpoint ?? address
                parts.provider.listens(at: providerEndpoint)
                // A port that cannot be held is known by a server that was there for a moment.
                if isAbsent { await started?.stop() }
                provider = isAbsent ? nil : started
                do throws(SandboxFailure) {
                    mail = try await Self.mail(parts, options)
                } catch {
                    await provider?.stop()
                    throw error
                }
            } catch {
                parts.logFile?.close()
                throw error
            }
        }

        func stop() async {
            for server in mail.values { await server.stop() }
            await provider?.stop()
        }

        private static func provider(
            _ parts: Parts, at address: HostPort
        ) async throws(SandboxFailure) -> LoopbackHTTPServer {
            do throws(HTTPServerStartFailure) {
                return try await .start(
                    on: address, identity: parts.certificates.provider, handler: parts.provider)
            } catch {
                throw .provider(error)
            }
        }

        private static func mail(
            _ parts: Parts, _ options: SandboxOptions
        ) async throws(SandboxFailure) -> [MailPlace: StreamListener] {
            let provider = parts.provider
            let surroundings = MailSurroundings(
                gate: MailboxGate(tokens: provider.tokens, users: provider.users, password: parts.mailboxPassword),
                postbox: Postbox(), time: provider.time,
                metadataAddress: provider.issuer + ProviderEndpoint.metadata.path, places: MailPlaces())
            var listeners: [MailPlace: StreamListener] = [:]
            for place in MailPlace.allCases {
                guard let identity = parts.certificates.mail[place.service] else { continue }
                let address = HostPort(host: options.host, port: options.mailPorts[place] ?? 0)
                let server = MailServer(
                    place: place, surroundings: surroundings, faults: provider.faults, log: parts.log,
                    identity: identity)
                do throws(ConnectionFailure) {
                    let listener = try await StreamListener.start(
                        on: address, identity: place.security == .tls ? identity : nil
                    ) { await server.serve($0) }
                    surroundings.places.listens(place, at: listener.endpoint)
                    listeners[place] = listener
                } catch {
                    for listener in listeners.values { await listener.stop() }
                    throw .mail(place, address, error)
                }
            }
            return listeners
        }
    }
}

extension Sandbox.Parts {
    /// The mailboxes' password, for people; nil for one that somebody chose, who knows it.
    var shownPassword: String? {
        let usual = ExampleProject.usualPassword
        return mailboxPassword.matches(Secret(copying: usual)) ? usual : nil
    }
}

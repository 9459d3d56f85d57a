import KeelBase
import KeelNet

/// A proxy that is as small as can be. It leads to one server, whatever name it was asked for.
struct LoopbackProxy {
    enum Kind: String, CaseIterable, Sendable {
        case http, socks5
    }

    /// What it says when it is asked for a way; nil: that the way is open.
    enum Answer: Sendable {
        case open
        /// Over HTTP, as it stands.
        case head(String)
        /// The code of a SOCKS reply.
        case reply(UInt8)
        /// It refuses every method of logging in, and every login.
        case noMethod, badLogin
        case silence, hangUp
    }

    let listener: StreamListener
    /// CONNECT heads, or for SOCKS `USER:PASSWORD@` if given, then `HOST:PORT`.
    let asked: Received

    var endpoint: HostPort { listener.endpoint }

    /// `adding` follows the answer in the same write, as if the server behind had been quick.
    static func start(
        _ kind: Kind, _ answer: Answer = .open, to target: HostPort? = nil, adding: String = ""
    ) async throws -> LoopbackProxy {
        let asked = Received()
        let dialer = NetworkDialer(roots: TrustRoots())
        let listener = try await StreamListener.start(on: .anyLoopback, identity: nil) { stream in
            let client = ProxyClient(stream: stream, asked: asked, answer: answer)
            let accepted: [UInt8]?
            switch kind {
            case .http: accepted = try? await client.connect()
            case .socks5: accepted = try? await client.socks()
            }
            guard let accepted else { return }
            try? await stream.write(accepted + Array(adding.utf8))
            guard let target else {
                _ = try? await stream.readAll()
                return
            }
            guard let onward = try? await dialer.connect(to: target, security: .clear, timeout: .ample) else { return }
            await stream.relay(to: onward)
        }
        return LoopbackProxy(listener: listener, asked: asked)
    }

    func stop() async { await listener.stop() }
}

/// One client of the proxy, until its way is open: then what it has to be told.
private struct ProxyClient {
    let stream: ServedStream
    let asked: Received
    let answer: LoopbackProxy.Answer

    func connect() async throws -> [UInt8]? {
        var head = ""
        while !head.hasSuffix("\r\n\r\n") {
            let more = try await stream.read()
            guard !more.isEmpty else { return nil }
            head += String(decoding: more, as: UTF8.self)
        }
        asked.add(Array(head.utf8))
        switch answer {
        case .open: return Array("HTTP/1.1 200 Connection established\r\n\r\n".utf8)
        case .head(let text): try await stream.write(text)
        case .silence: _ = try await stream.readAll()
        default: break
        }
        return nil
    }

    /// The client waits for each answer, so each read is one message of it, on a loopback connection.
    func socks() async throws -> [UInt8]? {
        let methods = try await stream.read()
        guard methods.count >= 3 else { return nil }
        var login = ""
        if case .noMethod = answer {
            try await stream.write([5, 0xFF])
            return nil
        }
        if methods.dropFirst(2).contains(2) {
            try await stream.write([5, 2])
            let pair = try await stream.read()
            let user = pair.dropFirst(2).prefix(Int(pair[1]))
            login =
                String(decoding: user, as: UTF8.self) + ":"
                + String(decoding: pair.dropFirst(3 + user.count), as: UTF8.self) + "@"
            var isRefused = false
            if case .badLogin = answer { isRefused = true }
            try await stream.write([1, isRefused ? 1 : 0])
        } else {
            try await stream.write([5, 0])
        }
        let request = try await stream.read()
        guard request.count > 7, request[3] == 3 else { return nil }
        let name = request.dropFirst(5).prefix(Int(request[4]))
        let port = request.suffix(2).reduce(0) { $0 << 8 | Int($1) }
        asked.add(Array("\(login)\(String(decoding: name, as: UTF8.self)):\(port)".utf8))
        let bound: [UInt8] = [0, 1, 127, 0, 0, 1, 0, 80]
        switch answer {
        case .open: return [5, 0] + bound
        case .reply(let code): try await stream.write([5, code] + bound)
        case .silence: _ = try await stream.readAll()
        default: break
        }
        return nil
    }
}

/// Where a secret comes from; never the secret itself.
package struct SecretSource: Sendable, Hashable {
    package enum Location: Sendable, Hashable {
        /// An environment variable.
        case environment(String)
        /// A file; relative paths start at the manifest's directory.
        case file(String)
        /// A command and its arguments; no shell.
        case command([String])
        /// A name sealed in the vault.
        case vault(String)
    }

    package var location: Location
    /// Announces a rotation in a way that a reviewer sees: a new version is a change of the secret.
    package var version: String?

    package init(_ location: Location, version: String? = nil) {
        self.location = location
        self.version = version
    }

    /// The member that names the location in manifests.
    package var key: String {
        switch location {
        case .environment: "fromEnv"
        case .file: "fromFile"
        case .command: "fromCommand"
        case .vault: "fromVault"
        }
    }

    /// The name under which the vault has it; nil if it is elsewhere.
    package var nameInVault: String? {
        if case .vault(let name) = location { name } else { nil }
    }

    /// `fromEnv M365_CLIENT_SECRET`, for people.
    package var summary: String {
        let place =
            switch location {
            case .environment(let name): name
            case .file(let path): path
            case .command(let words): words.joined(separator: " ")
            case .vault(let name): name
            }
        return "\(key) \(place)" + (version.map { ", version \($0)" } ?? "")
    }

    /// Whether reading it runs a program.
    package var isCommand: Bool { if case .command = location { true } else { false } }

    package var json: JSON {
        let place: JSON =
            switch location {
            case .environment(let name): .string(name)
            case .file(let path): .string(path)
            case .command(let words): .array(words.map(JSON.string))
            case .vault(let name): .string(name)
            }
        return .present((key, place), ("version", version.map(JSON.string)))
    }

    /// Reads what `json` writes; nil for anything else.
    package init?(json: JSON) {
        guard let members = json.members, (1...2).contains(members.count) else { return nil }
        let version = json["version"]
        if version != nil, version?.string == nil { return nil }
        guard let place = members.first(where: { $0.name != "version" }),
            members.count == (version == nil ? 1 : 2)
        else { return nil }
        switch (place.name, place.value) {
        case ("fromEnv", .string(let name)): self.init(.environment(name), version: version?.string)
        case ("fromFile", .string(let path)): self.init(.file(path), version: version?.string)
        case ("fromVault", .string(let name)): self.init(.vault(name), version: version?.string)
        case ("fromCommand", .array(let words)):
            let texts = words.compactMap(\.string)
            guard texts.count == words.count else { return nil }
            self.init(.command(texts), version: version?.string)
        default: return nil
        }
    }
}

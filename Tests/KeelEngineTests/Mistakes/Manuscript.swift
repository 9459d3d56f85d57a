/// A piece of a manifest before it is written, and the mistake that begins there.
struct Part: Sendable {
    /// What it is. Texts stand as they will in the file, quotes included.
    indirect enum Shape: Sendable {
        case scalar(String)
        case list([Part])
        case mapping([Entry])
    }

    var shape: Shape
    /// The code of the diagnostic that begins here.
    var flaw: String?

    static func scalar(_ text: String, flaw: String? = nil) -> Part { Part(shape: .scalar(text), flaw: flaw) }

    static func list(_ items: [Part], flaw: String? = nil) -> Part { Part(shape: .list(items), flaw: flaw) }

    static func mapping(_ entries: [Entry], flaw: String? = nil) -> Part {
        Part(shape: .mapping(entries), flaw: flaw)
    }

    /// The same piece, with a mistake.
    func flawed(_ code: String) -> Part { Part(shape: shape, flaw: code) }

    var entries: [Entry] {
        get { if case .mapping(let entries) = shape { entries } else { [] } }
        set { shape = .mapping(newValue) }
    }

    var items: [Part] {
        get { if case .list(let items) = shape { items } else { [] } }
        set { shape = .list(newValue) }
    }

    /// The value at a path of keys; nil if there is none.
    subscript(path: [String]) -> Part? {
        guard let key = path.first else { return self }
        return entries.first { $0.key == key }?.value[Array(path.dropFirst())]
    }

    /// Whether a text in it can stand on lines of its own only.
    var needsBlock: Bool {
        switch shape {
        case .scalar(let text): text.isEmpty || text.first == "$"
        case .list(let items): items.contains(where: \.needsBlock)
        case .mapping(let entries): entries.contains { $0.value.needsBlock }
        }
    }

    /// Changes the entry whose key ends the path; false if there is none.
    @discardableResult
    mutating func change(_ path: [String], _ body: (inout Entry) -> Void) -> Bool {
        guard let key = path.first, let index = entries.firstIndex(where: { $0.key == key }) else { return false }
        guard path.count > 1 else {
            body(&entries[index])
            return true
        }
        return entries[index].value.change(Array(path.dropFirst()), body)
    }

    /// Changes the entries of the mapping at the path.
    @discardableResult
    mutating func changeEntries(_ path: [String], _ body: (inout [Entry]) -> Void) -> Bool {
        guard !path.isEmpty else {
            body(&entries)
            return true
        }
        return change(path) { body(&$0.value.entries) }
    }
}

/// A key and its value.
struct Entry: Sendable {
    var key: String
    var keyFlaw: String?
    var value: Part

    init(_ key: String, _ value: Part, flaw: String? = nil) {
        self.key = key
        self.value = value
        keyFlaw = flaw
    }
}

/// A document before it is written.
struct Draft: Sendable {
    let kind: String
    let name: String
    var root: Part
    /// Dotted paths below `spec` that hold a mistake, or that must stay sound because a mistake elsewhere needs them.
    var taken: Set<String> = []
    /// Whether no further mistake may be planted: this one hides the others.
    var isClosed = false

    init(_ kind: String, _ name: String, spec: [Entry], metadata: [Entry] = []) {
        self.kind = kind
        self.name = name
        root = .mapping([
            Entry("apiVersion", .scalar("mailkeel/v1")), Entry("kind", .scalar(kind)),
            Entry("metadata", .mapping([Entry("name", .scalar(name))] + metadata)), Entry("spec", .mapping(spec)),
        ])
    }

    /// The text of a field below `spec`, by its dotted name.
    func text(_ field: String) -> String? {
        guard case .scalar(let text)? = root[["spec"] + Self.path(field)]?.shape else { return nil }
        return text
    }

    func has(_ field: String) -> Bool { root[["spec"] + Self.path(field)] != nil }

    /// Marks fields as taken; false, and nothing is marked, if one of them or of what holds or is held by them is already.
    mutating func take(_ fields: String...) -> Bool {
        guard !isClosed, fields.allSatisfy({ field in !taken.contains { Self.overlap($0, field) } }) else {
            return false
        }
        taken.formUnion(fields)
        return true
    }

    /// Takes the whole document; false if it holds a mistake.
    mutating func takeAll() -> Bool {
        guard !isClosed, taken.isEmpty else { return false }
        isClosed = true
        return true
    }

    /// Sets a field of `spec`, new or not.
    mutating func set(_ field: String, _ value: Part) {
        let path = ["spec"] + Self.path(field)
        guard !root.change(path, { $0.value = value }) else { return }
        let parent = Array(path.dropLast())
        let entry = Entry(path[path.count - 1], value)
        if root[parent] == nil {
            root.changeEntries(["spec"]) { $0.append(Entry(parent[parent.count - 1], .mapping([entry]))) }
        } else {
            root.changeEntries(parent) { $0.append(entry) }
        }
    }

    /// Removes a field of `spec`, and a mapping that held nothing else.
    mutating func remove(_ field: String) {
        let path = ["spec"] + Self.path(field)
        let parent = Array(path.dropLast())
        root.changeEntries(parent) { entries in entries.removeAll { $0.key == path[path.count - 1] } }
        guard parent.count > 1, root[parent]?.entries.isEmpty == true else { return }
        root.changeEntries(["spec"]) { entries in entries.removeAll { $0.key == parent[parent.count - 1] } }
    }

    static func path(_ field: String) -> [String] { field.split(separator: ".").map(String.init) }

    private static func overlap(_ left: String, _ right: String) -> Bool {
        left == right || left.hasPrefix(right + ".") || right.hasPrefix(left + ".")
    }
}

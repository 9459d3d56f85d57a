import KeelModel
import KeelTestSupport

/// What can be wrong with one field, whichever it is.
enum FieldMistake: String, CaseIterable {
    case misspelt, strangerBeside, wrongShape, badValue, trap, missing, twice, badTag, unknownVariable, outOfPlace

    /// Whether a field can have the mistake.
    func concerns(_ definition: FieldDefinition) -> Bool {
        switch self {
        case .misspelt, .strangerBeside, .wrongShape, .badValue, .trap, .twice: true
        case .missing: definition.isRequired
        case .outOfPlace:
            // Where the others have no business, there is clear text or no login at all: a mistake of its own.
            !definition.conditions.isEmpty
                && !["mechanism", "password", "tls.caFile", "tls.pin"].contains(definition.name)
        case .badTag, .unknownVariable:
            switch definition.type {
            case .textSet, .textMap, .secret: false
            default: true
            }
        }
    }

    /// Puts the mistake into a document that has the field; false where it cannot be made.
    func plant(_ definition: FieldDefinition, in draft: inout Draft, _ random: inout SeededGenerator) -> Bool {
        let field = definition.name
        guard self != .outOfPlace else { return plantOutOfPlace(definition, in: &draft, &random) }
        guard draft.has(field) else { return false }
        switch self {
        case .misspelt:
            let path = Draft.path(field)
            guard let name = Self.misspelling(path[path.count - 1], &random), draft.take(field) else { return false }
            return draft.root.change(["spec"] + path) { entry in
                entry.key = name
                entry.keyFlaw = "manifest.unknown-field"
            }
        case .strangerBeside: return plantStranger(beside: field, in: &draft, &random)
        case .wrongShape: return replace(field, Self.wrongShape(definition.type, &random), in: &draft)
        case .badValue: return replace(field, BadValues.value(definition.type, &random), in: &draft)
        case .trap: return replace(field, BadValues.trap(definition.type, &random), in: &draft)
        case .missing:
            guard definition.isRequired, draft.take(field, "name") else { return false }
            draft.remove(field)
            return draft.root.change(["metadata", "name"]) { $0.value.flaw = "manifest.missing-field" }
        case .twice: return plantTwin(field, in: &draft, &random)
        case .badTag:
            guard let value = draft.root[["spec"] + Draft.path(field)], case .scalar(let text) = value.shape,
                draft.take(field)
            else { return false }
            let tag = Layout.pick(["!foo", "!!binary", "!<tag:example.com,2026:x>", "!!seq"], &random)
            draft.set(field, .scalar("\(tag) \(text)", flaw: "yaml.tag"))
            return true
        case .unknownVariable:
            return replace(field, .scalar("${var.nobody_wrote_it}", flaw: "manifest.unknown-variable"), in: &draft)
        case .outOfPlace: return false
        }
    }

    private func replace(_ field: String, _ value: Part?, in draft: inout Draft) -> Bool {
        guard let value, draft.take(field) else { return false }
        draft.set(field, value)
        return true
    }

    /// A field where another one says that it has no business.
    private func plantOutOfPlace(
        _ definition: FieldDefinition, in draft: inout Draft, _ random: inout SeededGenerator
    ) -> Bool {
        guard !draft.has(definition.name), let condition = definition.conditions.first,
            let value = Layout.value(definition, &random)
        else { return false }
        if condition.values.isEmpty {
            guard !draft.has(condition.field) else { return false }
        } else {
            guard let text = draft.text(condition.field), !condition.values.contains(text) else { return false }
        }
        guard draft.take(definition.name, condition.field) else { return false }
        draft.set(definition.name, value.flawed("manifest.field-not-applicable"))
        return true
    }

    private func plantStranger(beside field: String, in draft: inout Draft, _ random: inout SeededGenerator) -> Bool {
        let path = ["spec"] + Draft.path(field).dropLast()
        let name = Layout.pick(["zzyzx", "\"quite unknown\"", "日本", "xn--", "x.y.z", "'<'"], &random)
        let value = Layout.pick(["1", "no", "[a, { b: c }]", "{ type: imap }", "\"\""], &random)
        guard draft.take("\(field) beside \(name)"), draft.root[path + [name]] == nil else { return false }
        let place = Int.random(in: 0...(draft.root[path]?.entries.count ?? 0), using: &random)
        return draft.root.changeEntries(path) { entries in
            entries.insert(Entry(name, .scalar(value), flaw: "manifest.unknown-field"), at: place)
        }
    }

    /// The same key again, saying the same.
    private func plantTwin(_ field: String, in draft: inout Draft, _ random: inout SeededGenerator) -> Bool {
        let path = ["spec"] + Draft.path(field)
        guard let value = draft.root[path], draft.take(field) else { return false }
        let key = path[path.count - 1]
        return draft.root.changeEntries(path.dropLast()) { entries in
            guard let first = entries.firstIndex(where: { $0.key == key }) else { return }
            let place = Int.random(in: (first + 1)...entries.count, using: &random)
            let spelling = Layout.pick([key, "\"\(key)\"", "'\(key)'"], &random)
            entries.insert(Entry(spelling, value, flaw: "yaml.duplicate-key"), at: place)
        }
    }

    /// A name that differs by one slip of the finger, and so is nearest to what was meant.
    private static func misspelling(_ name: String, _ random: inout SeededGenerator) -> String? {
        guard name.count > 3 else { return name + name.suffix(1) }
        var letters = Array(name)
        let place = Int.random(in: 1..<letters.count - 1, using: &random)
        switch Int.random(in: 0..<4, using: &random) {
        case 0: letters.remove(at: place)
        case 1: letters.insert(letters[place], at: place)
        case 2: letters[place] = "q"
        default: letters.swapAt(place, place + 1)
        }
        return String(letters) == name ? nil : String(letters)
    }

    private static func wrongShape(_ type: FieldType, _ random: inout SeededGenerator) -> Part {
        let list = Part.list([.scalar("a"), .scalar("b")])
        let mapping = Part.mapping([Entry("a", .scalar("b"))])
        let texts = ["text", "12", "true", "\"quoted\"", "2026-11-21"].map { Part.scalar($0) }
        let text = texts[Int.random(in: texts.indices, using: &random)]
        let first = Bool.random(using: &random)
        return switch type {
        case .secret: (first ? list : text).flawed("manifest.plain-secret")
        case .textSet: (first ? mapping : text).flawed("manifest.wrong-type")
        case .textMap: (first ? list : text).flawed("manifest.wrong-type")
        default: (first ? list : mapping).flawed("manifest.wrong-type")
        }
    }
}

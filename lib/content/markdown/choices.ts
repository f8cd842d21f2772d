import type { Blockquote, List, ListItem, Paragraph, RootContent } from 'mdast'
import type { ContainerDirective } from 'mdast-util-directive'
import type { Author } from '#lib/content/markdown/author.ts'
import { block, inline, plain } from '#lib/content/markdown/nodes.ts'

/**
 * What a question directive holds: text before the first list is the question, the list the choices (`- [x]` is right,
 * `- [ ]` is not, a quote below a choice explains it), the rest comes after.
 */
type Question = { question: RootContent[]; choices: ListItem[]; rest: RootContent[] }

/** `:::quiz{#id}` as an element, or null when it is told what is wrong. */
export function quizElement(node: ContainerDirective, id: string, author: Author): ContainerDirective | null {
  const { question, choices, rest } = readQuestion(node)
  if (!checkChoices(node, { question, choices, rest: [] }, author)) return null
  if (rest.length > 0)
    author.tell(rest[0], 'a quiz ends with its choices', { expected: 'this text after the closing :::' })
  for (const choice of choices) {
    if (!choice.checked && !explanationOf(choice)) {
      author.tell(choice, 'a wrong answer is not explained', { expected: 'a quote below it: "> Not so, because …"' })
    }
  }
  const right = choices.filter((choice) => choice.checked).length
  const multiple = right > 1 || node.attributes?.multiple !== undefined
  return block('dd-quiz', { name: id, multiple: String(multiple) }, questionParts(question, choices))
}

/** `:::predict{#id}` as an element, or null when it is told what is wrong. */
export function predictElement(node: ContainerDirective, id: string, author: Author): ContainerDirective | null {
  const { question, choices, rest } = readQuestion(node)
  if (!checkChoices(node, { question, choices, rest }, author)) return null
  if (rest.length === 0) {
    author.tell(node, 'a prediction reveals nothing', { expected: 'a run fence or a text after the choices' })
  }
  const reveal = block('details', { dataPart: 'reveal' }, [inline('summary', {}, [plain('What happens')]), ...rest])
  return block('dd-predict', { name: id }, [...questionParts(question, choices), reveal])
}

function readQuestion(node: ContainerDirective): Question {
  const at = node.children.findIndex((child) => child.type === 'list')
  if (at < 0) return { question: node.children, choices: [], rest: [] }
  return {
    question: node.children.slice(0, at),
    choices: (node.children[at] as List).children,
    rest: node.children.slice(at + 1),
  }
}

function checkChoices(node: ContainerDirective, { question, choices }: Question, author: Author): boolean {
  const before = author.problems.length
  if (question.length === 0)
    author.tell(node, `the ${node.name} asks nothing`, { expected: 'a question before the choices' })
  if (choices.length < 2)
    author.tell(node, `the ${node.name} has nothing to choose`, { expected: 'a list of at least two choices' })
  else if (!choices.some((choice) => choice.checked)) {
    author.tell(node, `no choice of the ${node.name} is right`, { expected: 'at least one "- [x]"' })
  }
  for (const choice of choices) {
    if (typeof choice.checked !== 'boolean') {
      author.tell(choice, 'a choice does not say whether it is right', { expected: '"- [x]" or "- [ ]"' })
    } else if (choice.children[0]?.type !== 'paragraph') {
      author.tell(choice, 'a choice has no text', { expected: 'one line of text' })
    }
  }
  return author.problems.length === before
}

function questionParts(question: RootContent[], choices: ListItem[]): ContainerDirective[] {
  return [
    block('div', { dataPart: 'question' }, question),
    block('div', { dataPart: 'choices' }, choices.map(choiceElement)),
  ]
}

function choiceElement(choice: ListItem): ContainerDirective {
  const [answer] = choice.children as [Paragraph]
  const explanation = explanationOf(choice)?.children ?? [inline('p', {}, [plain(choice.checked ? 'Yes.' : 'No.')])]
  return block('details', { dataCorrect: String(choice.checked === true) }, [
    inline('summary', { dataPart: 'answer' }, answer.children),
    block('div', { dataPart: explanationOf(choice) ? 'explanation' : 'verdict' }, explanation),
  ])
}

function explanationOf(choice: ListItem): Blockquote | undefined {
  return choice.children.find((child) => child.type === 'blockquote')
}

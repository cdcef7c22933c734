import { expect, it } from 'vitest';
import { topicNameFault } from '#dist/config/topicName.js';

// What rclpy of Jazzy says (expand_topic_name, then validate_full_topic_name, for node and namespace of one word).
const taken = [
  'x',
  '/x',
  '~/x',
  '_a',
  '/_',
  '/a__b',
  '{ns}/x',
  '{node}/x',
  '{namespace}',
  '/{node}',
  '/a{node}b',
  '{node}1',
];
const refused = [
  ...[
    '',
    '/',
    '/1bad',
    '1bad',
    'a/1b',
    '1{node}',
    'a//b',
    '/x/',
    'a/~/b',
    'a b',
    'a.b',
    'a-b',
    '\u00e4',
    'a\n',
  ],
  ...['{camera}', '{}', '{a', 'a}', '{n{s}}', '{1ns}'],
];

it.each(taken)('%j is the name of a topic', (name) => {
  expect(topicNameFault(name, '/x')).toBeNull();
});

it.each(refused)('%j is none', (name) => {
  expect(topicNameFault(name, '/camera/x')).toBe('the name of a topic, such as /camera/x');
});

it('has at most the characters that rmw takes', () => {
  expect(topicNameFault(`/${'a'.repeat(246)}`, '/x')).toBeNull();
  expect(topicNameFault(`/${'a'.repeat(247)}`, '/x')).toBe('the name of a topic, of at most 247 characters');
});

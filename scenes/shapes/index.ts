import { sceneLabels, sceneObjects } from '../../data/classes/scenes.js';
import type { MakeShape } from '../shape.js';
import { ball } from './ball.js';
import { book } from './book.js';
import { bottle } from './bottle.js';
import { fish } from './fish.js';
import { gear } from './gear.js';
import { leaf } from './leaf.js';
import { mug } from './mug.js';
import { star } from './star.js';

/**
 * The classes, in the order of their indices: a detector's count from 0, category ids and labels from 1, since label 0 is
 * the background.
 */
export const SHAPES = { ball, book, bottle, fish, gear, leaf, mug, star } satisfies Readonly<Record<string, MakeShape>>;

export type SceneClass = keyof typeof SHAPES;

/** Of a detector. */
export const SCENE_CLASSES: readonly [SceneClass, ...SceneClass[]] = sceneObjects.classes;

/** Of a segmentor: the value of each pixel in the label maps. */
export const SCENE_LABELS: readonly string[] = sceneLabels.classes;

// A track: a box through a film, given at keyframes and moved in a straight line between them. The thing enters at the
// first keyframe and leaves after the last. The server counts the same way (crowd/quality/tracks.py).

import { rounded } from "../surface.ts";

type Keyframe = { time: number; x: number; y: number; width: number; height: number };
export type Track = { label?: string; keyframes: Keyframe[] };
type Box = Omit<Keyframe, "time">;

const SIDES = ["x", "y", "width", "height"] as const;
export const SAME = 0.011; // seconds: two keyframes nearer than this are one

/** Where it is at a time, or null before it enters and after it leaves. */
export function at(track: Track, time: number): Box | null {
  const frames = track.keyframes;
  const after = frames.findIndex((one) => one.time >= time - SAME);
  const [to, from] = [frames[after], frames[after - 1]];
  if (!to || (!from && to.time > time + SAME)) return null;
  if (!from || Math.abs(to.time - time) < SAME) return box(to);
  const share = (time - from.time) / (to.time - from.time);
  return Object.fromEntries(SIDES.map((side) => [side, rounded(from[side] + share * (to[side] - from[side]))])) as Box;
}

/** With a keyframe at this time, in place of one that is there. */
export function put(track: Track, time: number, where: Box): Track {
  const rest = track.keyframes.filter((one) => Math.abs(one.time - time) >= SAME);
  const keyframes = [...rest, { time: rounded(time), ...box(where) }].sort((one, other) => one.time - other.time);
  return { ...track, keyframes };
}

/** It leaves the picture now: what comes later is dropped, and it is somewhere at its end. */
export function ended(track: Track, time: number): Track {
  const here = at(track, time) ?? box(track.keyframes[track.keyframes.length - 1] as Keyframe);
  const before = track.keyframes.filter((one) => one.time < time - SAME);
  return put({ ...track, keyframes: before }, time, here);
}

export function without(track: Track, time: number): Track | null {
  const keyframes = track.keyframes.filter((one) => Math.abs(one.time - time) >= SAME);
  return keyframes.length ? { ...track, keyframes } : null;
}

const box = ({ x, y, width, height }: Box): Box => ({ x, y, width, height });

import { api, take } from "../api";
import type { Schemas } from "../protocol";

/** Whether there is a room beside a conversation, and whom its host may ask in. */
export type RoomDoor = Schemas["RoomDoor"];
/** Who is who in a room. */
export type RoomInside = Schemas["RoomInside"];

export const getDoor = (consultation_id: string) => take(api.GET("/api/consultations/{consultation_id}/room", { params: { path: { consultation_id } } }));
export const getInside = (room_id: string) => take(api.GET("/api/rooms/{room_id}", { params: { path: { room_id } } }));

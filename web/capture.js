// What a browser with script adds to the forms: a preview, and the camera. Nothing is sent but by the form itself, and a picture only
// when its field has a name, which it has only where evidence is kept.
const file = document.querySelector("input[type=file]");
const preview = document.querySelector(".preview");
const camera = document.querySelector(".camera");

function show(blob) {
	const reader = new FileReader();

	reader.addEventListener("load", () => {
		preview.src = reader.result;
		preview.hidden = false;
	});
	reader.readAsDataURL(blob);
}

file?.addEventListener("change", () => file.files[0] && show(file.files[0]));

function say(what) {
	for (const part of document.querySelectorAll("[data-none],[data-taken]"))
		part.hidden = !part.hasAttribute(what);
}

if (camera && navigator.mediaDevices?.getUserMedia) {
	const video = camera.querySelector("video"), on = camera.querySelector("[data-on]"), take = camera.querySelector("[data-take]");
	let stream;
	const off = () => stream?.getTracks().forEach((track) => track.stop());

	camera.hidden = false;
	video.hidden = true;
	on.addEventListener("click", async () => {
		try {
			stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "user" } });
			video.srcObject = stream;
			video.hidden = false;
			await video.play();
			on.hidden = true;
			take.hidden = false;
			take.focus();
		} catch {
			say("data-none");
		}
	});
	take.addEventListener("click", () => {
		const canvas = document.createElement("canvas");

		canvas.width = video.videoWidth;
		canvas.height = video.videoHeight;
		canvas.getContext("2d").drawImage(video, 0, 0);
		canvas.toBlob((blob) => {
			const files = new DataTransfer();

			files.items.add(new File([blob], "selfie.jpg", { type: "image/jpeg" }));
			file.files = files.files;
			show(blob);
			off();
			video.hidden = take.hidden = true;
			say("data-taken");
		}, "image/jpeg", 0.85);
	});
	addEventListener("pagehide", off);
}
